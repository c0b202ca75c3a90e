/** Metadata of a GGUF file as bytes. Format: docs/gguf.md of ggml, version 3, little-endian. */

/** A metadata entry ready to be written: its key, and type and value as bytes. */
export interface GgufEntry {
  readonly key: string;
  readonly bytes: Uint8Array;
}

const valueType = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;

export function textEntry(key: string, value: string): GgufEntry {
  return { key, bytes: join(u32(valueType.string), ggufString(value)) };
}

export function countEntry(key: string, value: number): GgufEntry {
  return { key, bytes: join(u32(valueType.u32), u32(value)) };
}

export function floatEntry(key: string, value: number): GgufEntry {
  return { key, bytes: join(u32(valueType.f32), new Uint8Array(Float32Array.of(value).buffer)) };
}

export function flagEntry(key: string, value: boolean): GgufEntry {
  return { key, bytes: join(u32(valueType.bool), Uint8Array.of(value ? 1 : 0)) };
}

export function textsEntry(key: string, values: readonly string[]): GgufEntry {
  return { key, bytes: join(arrayHead(valueType.string, values.length), ...values.map(ggufString)) };
}

export function floatsEntry(key: string, values: readonly number[]): GgufEntry {
  return { key, bytes: join(arrayHead(valueType.f32, values.length), bytesOf(Float32Array.from(values))) };
}

export function integersEntry(key: string, values: readonly number[]): GgufEntry {
  return { key, bytes: join(arrayHead(valueType.i32, values.length), bytesOf(Int32Array.from(values))) };
}

/** The entry as it stands in the file. */
export function entryBytes({ key, bytes }: GgufEntry): Uint8Array {
  return join(ggufString(key), bytes);
}

/** Length in bytes, then UTF-8. */
export function ggufString(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return join(u64(bytes.length), bytes);
}

export function u32(value: number): Uint8Array {
  return bytesOf(Uint32Array.of(value));
}

export function u64(value: number): Uint8Array {
  return bytesOf(BigUint64Array.of(BigInt(value)));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function arrayHead(type: number, length: number): Uint8Array {
  return join(u32(valueType.array), u32(type), u64(length));
}

function bytesOf(values: Float32Array | Int32Array | Uint32Array | BigUint64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
