/**
 * The head of a GGUF file: metadata and the list of tensors. Format: docs/gguf.md of ggml, versions 2 and 3,
 * little-endian. Nothing in the file is trusted before it is checked against the file's size.
 */
import { AppError } from '../../util/appError.ts';
import type { ByteFile } from '../byteFile.ts';
import type { StoredType } from '../types.ts';
import { GgufCursor, MoreBytesNeeded } from './cursor.ts';
import { ggmlTypes } from './tensorTypes.ts';
import { valueCount } from '../../util/valueCount.ts';

export type GgufValue = number | bigint | string | boolean | readonly GgufValue[];
export type GgufMetadata = ReadonlyMap<string, GgufValue>;

export interface GgufTensor {
  readonly name: string;
  /** Row-major, that is, in the opposite order of the file's. */
  readonly shape: readonly number[];
  readonly type: StoredType;
  /** Position in the file. */
  readonly position: number;
  readonly bytes: number;
}

export interface GgufHeader {
  readonly metadata: GgufMetadata;
  /** Where in the file type and value of each metadata entry stand, so that they can be carried over unchanged. */
  readonly places: ReadonlyMap<string, { readonly start: number; readonly end: number }>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

const ggufLimits = {
  /** Heads in use have up to some 20 MB, nearly all of it vocabulary. */
  headBytes: 512 * 2 ** 20,
  arrayItems: 2 ** 24,
  /** Nothing in use nests arrays at all. */
  arrayDepth: 4,
  dimensions: 4,
  /** Smallest metadata entry (empty key, type, one byte) and tensor entry (empty name, no dimensions, type, offset). */
  metadataEntryBytes: 13,
  tensorEntryBytes: 24,
} as const;

const magic = 0x46554747;
const defaultAlignment = 32;

/** @throws AppError GGUF_INVALID; TENSOR_INVALID for a tensor of a known type that cannot be read */
export async function readGgufHeader(file: ByteFile): Promise<GgufHeader> {
  return readHead(file, (cursor) => {
    const { metadata, places, entries, alignment } = parseHead(cursor);
    const dataStart = Math.ceil(cursor.position / alignment) * alignment;
    const tensors = entries.map((entry) => [entry.name, placeTensor(cursor, entry, dataStart, alignment)] as const);
    return { metadata, places, tensors: new Map(tensors) };
  });
}

/** A tensor as the file describes it, of whatever type. */
export interface GgufListedTensor {
  readonly name: string;
  /** Row-major. */
  readonly shape: readonly number[];
  readonly type: string;
  /** Undefined for a type whose blocks are not known here. */
  readonly bytes: number | undefined;
}

/**
 * What a file says about itself, tensors that cannot be read included.
 * @throws AppError GGUF_INVALID
 */
export async function listGguf(
  file: ByteFile,
): Promise<{ readonly metadata: GgufMetadata; readonly tensors: readonly GgufListedTensor[] }> {
  return readHead(file, (cursor) => {
    const { metadata, entries } = parseHead(cursor);
    return { metadata, tensors: entries.map(listTensor) };
  });
}

function listTensor({ name, dimensions, type }: TensorEntry): GgufListedTensor {
  const known = ggmlTypes.get(type);
  const shape = dimensions.map(Number).reverse();
  const blocks = valueCount(shape) / (known?.values ?? 1);
  const bytes = known?.readable === undefined ? undefined : blocks * known.bytes;
  return { name, shape, type: known?.name ?? `type ${type}`, bytes };
}

/** Reads as much of the beginning of the file as the head takes. */
async function readHead<T>(file: ByteFile, parse: (cursor: GgufCursor) => T): Promise<T> {
  for (let length = 2 ** 20; ; length *= 4) {
    const bytes = await file.read(0, Math.min(length, file.size));
    try {
      return parse(new GgufCursor(file.path, bytes, file.size));
    } catch (error) {
      if (!(error instanceof MoreBytesNeeded)) throw error;
    }
    if (length >= ggufLimits.headBytes) {
      throw new AppError(
        'GGUF_INVALID',
        `${file.path} has a head of more than ${ggufLimits.headBytes} bytes; download or convert the file again.`,
      );
    }
  }
}

interface Head extends Pick<GgufHeader, 'metadata' | 'places'> {
  readonly entries: readonly TensorEntry[];
  readonly alignment: number;
}

function parseHead(cursor: GgufCursor): Head {
  if (cursor.fileSize < 24 || cursor.u32('the magic number') !== magic) {
    throw new AppError(
      'GGUF_INVALID',
      `${cursor.place} is not a GGUF file; choose a .gguf file or a Hugging Face folder.`,
    );
  }
  const version = cursor.u32('the version');
  if (version !== 2 && version !== 3) throw cursor.invalid(`has the unsupported GGUF version ${version}`);
  const tensorCount = readCount(cursor, 'tensors', ggufLimits.tensorEntryBytes);
  const metadataCount = readCount(cursor, 'metadata entries', ggufLimits.metadataEntryBytes);
  const { metadata, places } = readMetadata(cursor, metadataCount);
  const alignment = metadata.get('general.alignment') ?? defaultAlignment;
  if (typeof alignment !== 'number' || alignment < 8 || !Number.isInteger(Math.log2(alignment))) {
    throw cursor.invalid(`has the alignment ${String(alignment)}; it must be a power of two of at least 8`);
  }
  return { metadata, places, entries: readEntries(cursor, tensorCount), alignment };
}

function readCount(cursor: GgufCursor, what: string, entryBytes: number): number {
  const count = cursor.u64(`the number of ${what}`);
  if (count > BigInt(Math.floor(cursor.fileSize / entryBytes))) {
    throw cursor.invalid(`announces ${count} ${what}, which is not possible in a file of ${cursor.fileSize} bytes`);
  }
  return Number(count);
}

function readMetadata(cursor: GgufCursor, count: number): Pick<GgufHeader, 'metadata' | 'places'> {
  const metadata = new Map<string, GgufValue>();
  const places = new Map<string, { start: number; end: number }>();
  for (let i = 0; i < count; i++) {
    const key = cursor.string('a metadata key', true);
    const what = `the metadata entry "${key}"`;
    const start = cursor.position;
    const value = readValue(cursor, cursor.u32(what), what, 0);
    if (metadata.has(key)) throw cursor.invalid(`has ${what} twice`);
    metadata.set(key, value);
    places.set(key, { start, end: cursor.position });
  }
  return { metadata, places };
}

const arrayType = 9;

function readValue(cursor: GgufCursor, type: number, what: string, depth: number): GgufValue {
  switch (type) {
    case 0:
      return cursor.u8(what);
    case 1:
      return cursor.i8(what);
    case 2:
      return cursor.u16(what);
    case 3:
      return cursor.i16(what);
    case 4:
      return cursor.u32(what);
    case 5:
      return cursor.i32(what);
    case 6:
      return cursor.f32(what);
    case 7:
      return cursor.u8(what) !== 0;
    case 8:
      return cursor.string(what, false);
    case arrayType:
      return readArray(cursor, what, depth + 1);
    case 10:
      return safeNumber(cursor.u64(what));
    case 11:
      return safeNumber(cursor.i64(what));
    case 12:
      return cursor.f64(what);
    default:
      throw cursor.invalid(`gives ${what} the unknown value type ${type}`);
  }
}

/** Smallest size of a value of each type; strings and arrays begin with a length. */
const valueBytes: readonly number[] = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8];

function readArray(cursor: GgufCursor, what: string, depth: number): GgufValue[] {
  if (depth > ggufLimits.arrayDepth) {
    throw cursor.invalid(`nests arrays deeper than ${ggufLimits.arrayDepth} in ${what}; the nesting is too deep`);
  }
  const type = cursor.u32(what);
  const announced = cursor.u64(what);
  if (announced * BigInt(valueBytes[type] ?? 1) > BigInt(cursor.remaining)) {
    throw cursor.invalid(`announces ${announced} items in ${what}, beyond the end of the file`);
  }
  if (announced > BigInt(ggufLimits.arrayItems)) {
    throw cursor.invalid(`announces ${announced} items in ${what}, more than the ${ggufLimits.arrayItems} allowed`);
  }
  const items: GgufValue[] = [];
  for (let i = 0; i < Number(announced); i++) items.push(readValue(cursor, type, what, depth));
  return items;
}

function safeNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

interface TensorEntry {
  readonly name: string;
  readonly dimensions: readonly bigint[];
  readonly type: number;
  readonly offset: bigint;
}

function readEntries(cursor: GgufCursor, count: number): TensorEntry[] {
  const entries = new Map<string, TensorEntry>();
  const what = 'the list of tensors';
  for (let i = 0; i < count; i++) {
    const name = cursor.string(what, true);
    const dimensionCount = cursor.u32(what);
    if (dimensionCount > ggufLimits.dimensions) {
      throw cursor.invalid(
        `gives tensor "${name}" ${dimensionCount} dimensions; at most ${ggufLimits.dimensions} are possible`,
      );
    }
    const dimensions = Array.from({ length: dimensionCount }, () => cursor.u64(what));
    if (entries.has(name)) throw cursor.invalid(`has the tensor name "${name}" twice`);
    entries.set(name, { name, dimensions, type: cursor.u32(what), offset: cursor.u64(what) });
  }
  return [...entries.values()];
}

function placeTensor(cursor: GgufCursor, entry: TensorEntry, dataStart: number, alignment: number): GgufTensor {
  const { name, dimensions, offset } = entry;
  const type = ggmlTypes.get(entry.type);
  if (type === undefined) throw cursor.invalid(`gives tensor "${name}" the unknown tensor type ${entry.type}`);
  if (type.readable === undefined) {
    throw new AppError(
      'TENSOR_INVALID',
      `Tensor "${name}" of ${cursor.place} has the type ${type.name}, which cannot be read here; choose the model in F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, a K-quant, IQ4_NL or IQ4_XS.`,
    );
  }
  if ((dimensions[0] ?? 1n) % BigInt(type.values) !== 0n) {
    throw cursor.invalid(
      `gives tensor "${name}" rows of ${dimensions[0]} values, not a multiple of the ${type.values} of a ${type.name} block`,
    );
  }
  // BigInt: the product of hostile dimensions must not wrap round or lose digits.
  const values = dimensions.reduce((product, dimension) => product * dimension, 1n);
  const bytes = (values / BigInt(type.values)) * BigInt(type.bytes);
  const end = BigInt(dataStart) + offset + bytes;
  if (end > BigInt(cursor.fileSize)) {
    throw cursor.invalid(
      `places tensor "${name}" beyond the end of the file: it would end at byte ${end} of ${cursor.fileSize}`,
    );
  }
  if (offset % BigInt(alignment) !== 0n) {
    throw cursor.invalid(`places tensor "${name}" at ${offset}, not a multiple of the alignment ${alignment}`);
  }
  return {
    name,
    shape: dimensions.map(Number).reverse(),
    type: type.readable,
    position: dataStart + Number(offset),
    bytes: Number(bytes),
  };
}
