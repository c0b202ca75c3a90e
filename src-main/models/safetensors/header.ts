/**
 * The header of a safetensors file: 8 bytes little-endian length, then that much JSON that maps tensor names to
 * `{dtype, shape, data_offsets}`, then the data. Nothing in the file is trusted before it is checked.
 * Format: https://github.com/huggingface/safetensors#format
 */
import { AppError } from '../../util/appError.ts';
import { parseJson } from '../../util/jsonDepth.ts';
import type { ByteFile } from '../byteFile.ts';
import { isJsonObject, type JsonObject } from '../jsonFile.ts';

const safetensorsLimits = {
  /** The reference implementation's bound. */
  headerBytes: 100_000_000,
  dimensions: 16,
} as const;

const bytesOfType: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
};

export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Position in the file, not in the data. */
  readonly position: number;
  readonly bytes: number;
}

export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @throws AppError SAFETENSORS_INVALID */
export async function readSafetensorsHeader(file: ByteFile): Promise<SafetensorsHeader> {
  if (file.size < 8) {
    throw invalid(file, `has ${file.size} bytes, too short for a safetensors header`);
  }
  const prefix = await file.read(0, 8);
  const announced = new DataView(prefix.buffer).getBigUint64(0, true);
  if (announced > BigInt(file.size - 8)) {
    throw invalid(file, `announces a header of ${announced} bytes, beyond the end of the file of ${file.size} bytes`);
  }
  if (announced > BigInt(safetensorsLimits.headerBytes)) {
    throw invalid(
      file,
      `announces a header of ${announced} bytes, more than the ${safetensorsLimits.headerBytes} allowed`,
    );
  }
  const headerBytes = Number(announced);
  const json = headerOf(file, await file.read(8, headerBytes));
  return readEntries(file, json, 8 + headerBytes);
}

function headerOf(file: ByteFile, bytes: Uint8Array): JsonObject {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(file, 'has a header that is not valid UTF-8');
  }
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    throw invalid(file, 'has a header that is not valid JSON');
  }
  if (!isJsonObject(json)) throw invalid(file, 'has a header that is not a JSON object');
  return json;
}

function readEntries(file: ByteFile, json: JsonObject, dataStart: number): SafetensorsHeader {
  const entries = new Map<string, SafetensorsEntry>();
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') metadata = readMetadata(value);
    else entries.set(name, readEntry(file, name, value, dataStart));
  }
  checkPlacement(file, [...entries.values()], dataStart);
  return { entries, metadata };
}

function readMetadata(value: unknown): Record<string, string> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

function readEntry(file: ByteFile, name: string, value: unknown, dataStart: number): SafetensorsEntry {
  if (!isJsonObject(value)) throw invalid(file, `describes tensor "${name}" by something that is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const size = typeof dtype === 'string' && Object.hasOwn(bytesOfType, dtype) ? bytesOfType[dtype] : undefined;
  if (typeof dtype !== 'string' || size === undefined) {
    throw invalid(file, `gives tensor "${name}" the unknown dtype ${JSON.stringify(dtype)}`);
  }
  if (!isCounts(shape) || shape.length > safetensorsLimits.dimensions) {
    throw invalid(file, `gives tensor "${name}" the invalid shape ${JSON.stringify(shape)}`);
  }
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw invalid(file, `gives tensor "${name}" the invalid offsets ${JSON.stringify(offsets)}`);
  }
  const [begin = 0, end = 0] = offsets;
  if (begin > end) {
    throw invalid(file, `has invalid offsets for tensor "${name}": it ends at ${end}, before it begins at ${begin}`);
  }
  // BigInt: the product of a hostile shape must not wrap round or lose digits.
  const needed = shape.reduce((product, dimension) => product * BigInt(dimension), BigInt(size));
  if (needed !== BigInt(end - begin)) {
    throw invalid(
      file,
      `says that tensor "${name}" of shape ${JSON.stringify(shape)} and dtype ${dtype} has ${end - begin} bytes; it needs ${needed}`,
    );
  }
  return { name, dtype, shape, position: dataStart + begin, bytes: end - begin };
}

/** Every byte of the data belongs to exactly one tensor, as the format demands. */
function checkPlacement(file: ByteFile, entries: SafetensorsEntry[], dataStart: number): void {
  const inOrder = entries.sort((a, b) => a.position - b.position || a.bytes - b.bytes);
  const announced = inOrder.reduce((end, entry) => Math.max(end, entry.position + entry.bytes), dataStart);
  const cutOff = inOrder.find((entry) => entry.position + entry.bytes > file.size);
  if (cutOff !== undefined) {
    throw invalid(
      file,
      `announces ${announced - dataStart} bytes of data but holds ${file.size - dataStart}; tensor "${cutOff.name}" ` +
        'is the first that lies beyond the end of the data',
    );
  }
  let covered = dataStart;
  for (const entry of inOrder) {
    if (entry.position < covered)
      throw invalid(file, `gives tensor "${entry.name}" bytes that belong to another tensor too`);
    if (entry.position > covered) throw invalid(file, `leaves bytes unused before tensor "${entry.name}"`);
    covered += entry.bytes;
  }
  if (covered !== file.size) {
    throw invalid(file, `has ${file.size - covered} bytes after its last tensor that belong to none`);
  }
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function invalid(file: ByteFile, fault: string): AppError {
  return new AppError('SAFETENSORS_INVALID', `${file.path} ${fault}; download or save the file again.`);
}
