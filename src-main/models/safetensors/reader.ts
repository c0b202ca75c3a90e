/** Floating-point tensors of one or several safetensors files, read in bounded pieces. */
import { AppError } from '../../util/appError.ts';
import { ByteFile, readChunkBytes } from '../byteFile.ts';
import { bfloatToFloat, halfToFloat } from '../halfFloats.ts';
import { readSafetensorsHeader, type SafetensorsEntry } from './header.ts';

/** Types that can be read as float32. */
export type FloatType = 'F64' | 'F32' | 'F16' | 'BF16';

const bytesOfFloat: Readonly<Record<FloatType, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

export function isFloatType(dtype: string): dtype is FloatType {
  return Object.hasOwn(bytesOfFloat, dtype);
}

/** One open safetensors file. */
export class SafetensorsFile {
  readonly path: string;
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly file: ByteFile;

  private constructor(
    file: ByteFile,
    entries: ReadonlyMap<string, SafetensorsEntry>,
    metadata: Readonly<Record<string, string>>,
  ) {
    this.path = file.path;
    this.file = file;
    this.entries = entries;
    this.metadata = metadata;
  }

  /** @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, SAFETENSORS_INVALID */
  static async open(path: string): Promise<SafetensorsFile> {
    const file = await ByteFile.open(path);
    try {
      const { entries, metadata } = await readSafetensorsHeader(file);
      return new SafetensorsFile(file, entries, metadata);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** @throws AppError TENSOR_MISSING */
  entry(name: string): SafetensorsEntry {
    const entry = this.entries.get(name);
    if (entry === undefined) {
      throw new AppError('TENSOR_MISSING', `${this.path} has no tensor "${name}"; check that the file is complete.`);
    }
    return entry;
  }

  /**
   * `count` values from value number `from` on, in row-major order, as float32 (F64 is rounded).
   * @param values where they are put
   * @throws AppError TENSOR_MISSING, TENSOR_INVALID when the type is not floating point
   */
  async readValues(
    name: string,
    from: number,
    count: number,
    values: Float32Array = new Float32Array(count),
  ): Promise<Float32Array> {
    const entry = this.entry(name);
    const { dtype } = entry;
    if (!isFloatType(dtype)) throw notFloat(this.path, name, dtype);
    const size = bytesOfFloat[dtype];
    if (from < 0 || count < 0 || (from + count) * size > entry.bytes || values.length !== count) {
      throw new RangeError(`Values ${from} to ${from + count} of "${name}" do not exist.`);
    }
    if (dtype === 'F32') {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      await this.file.readInto(bytes, entry.position + from * size);
      return values;
    }
    const piece = Math.floor(readChunkBytes / size);
    for (let done = 0; done < count; done += piece) {
      const part = Math.min(piece, count - done);
      const bytes = await this.file.read(entry.position + (from + done) * size, part * size);
      convert(dtype, bytes, values.subarray(done, done + part));
    }
    return values;
  }

  /**
   * All values of an integer tensor.
   * @throws AppError TENSOR_MISSING, TENSOR_INVALID
   */
  async readIntegers(name: string): Promise<Int32Array> {
    const entry = this.entry(name);
    if (entry.dtype !== 'I32') {
      throw new AppError(
        'TENSOR_INVALID',
        `Tensor "${name}" of ${this.path} has dtype ${entry.dtype} where I32 is needed.`,
      );
    }
    return new Int32Array((await this.file.read(entry.position, entry.bytes)).buffer);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

function convert(dtype: Exclude<FloatType, 'F32'>, bytes: Uint8Array, target: Float32Array): void {
  if (dtype === 'F64') target.set(new Float64Array(bytes.buffer));
  else if (dtype === 'F16') halfToFloat(new Uint16Array(bytes.buffer), target);
  else bfloatToFloat(new Uint16Array(bytes.buffer), target);
}

export function notFloat(path: string, name: string, dtype: string): AppError {
  return new AppError(
    'TENSOR_INVALID',
    `Tensor "${name}" of ${path} has dtype ${dtype}; a weight must be floating point (F32, F16, BF16 or F64).`,
  );
}
