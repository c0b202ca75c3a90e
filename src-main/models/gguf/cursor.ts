/** Reads numbers and strings from the head of a GGUF file, checking every length against the file before using it. */
import { AppError } from '../../util/appError.ts';

/** Thrown when the bytes at hand end before the file does: read more of it and parse again. */
export class MoreBytesNeeded extends Error {}

export class GgufCursor {
  readonly place: string;
  readonly fileSize: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  /** @param bytes the beginning of the file */
  constructor(place: string, bytes: Uint8Array, fileSize: number) {
    this.place = place;
    this.fileSize = fileSize;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.fileSize - this.#position;
  }

  u8(what: string): number {
    return this.#view.getUint8(this.#take(1, what));
  }

  i8(what: string): number {
    return this.#view.getInt8(this.#take(1, what));
  }

  u16(what: string): number {
    return this.#view.getUint16(this.#take(2, what), true);
  }

  i16(what: string): number {
    return this.#view.getInt16(this.#take(2, what), true);
  }

  u32(what: string): number {
    return this.#view.getUint32(this.#take(4, what), true);
  }

  i32(what: string): number {
    return this.#view.getInt32(this.#take(4, what), true);
  }

  f32(what: string): number {
    return this.#view.getFloat32(this.#take(4, what), true);
  }

  f64(what: string): number {
    return this.#view.getFloat64(this.#take(8, what), true);
  }

  u64(what: string): bigint {
    return this.#view.getBigUint64(this.#take(8, what), true);
  }

  i64(what: string): bigint {
    return this.#view.getBigInt64(this.#take(8, what), true);
  }

  /**
   * A string with its length before it.
   * @param strict whether bytes that are not UTF-8 are an error or become replacement characters
   */
  string(what: string, strict: boolean): string {
    const length = this.u64(what);
    if (length > BigInt(this.remaining)) {
      throw this.invalid(`announces a string of ${length} bytes in ${what}, beyond the end of the file`);
    }
    const start = this.#take(Number(length), what);
    const bytes = this.#bytes.subarray(start, start + Number(length));
    try {
      // ignoreBOM: a mark at the start of a token belongs to the token.
      return new TextDecoder('utf-8', { fatal: strict, ignoreBOM: true }).decode(bytes);
    } catch {
      throw this.invalid(`has ${what} that is not valid UTF-8`);
    }
  }

  invalid(fault: string): AppError {
    return new AppError('GGUF_INVALID', `${this.place} ${fault}; download or convert the file again.`);
  }

  #take(count: number, what: string): number {
    if (count > this.remaining) throw this.invalid(`ends inside ${what}`);
    if (this.#position + count > this.#bytes.byteLength) throw new MoreBytesNeeded();
    const start = this.#position;
    this.#position += count;
    return start;
  }
}
