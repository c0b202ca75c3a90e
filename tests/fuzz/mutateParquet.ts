/**
 * Changes of a Parquet file that know its form: the description at its end and the heads of its pages, which are
 * structures of Thrift's compact protocol (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
 */
import type { Rng } from '../../src-main/util/rng.ts';
import { hostileString, pick, wholeNumbers } from './hostile.ts';

interface Field {
  readonly at: number;
  readonly end: number;
  readonly kind: 'number' | 'text' | 'list' | 'head' | 'byte';
}

/** Fields of one structure and those inside it. */
class Outline {
  readonly fields: Field[] = [];
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#structure();
  }

  get end(): number {
    return this.#at;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError('The structure ends early.');
    this.#at += 1;
    return byte;
  }

  #number(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
  }

  #note(kind: Field['kind'], at: number): void {
    this.fields.push({ at, end: this.#at, kind });
  }

  #structure(): void {
    for (;;) {
      const at = this.#at;
      const head = this.#byte();
      if (head === 0) return;
      if (head >> 4 === 0) this.#number();
      this.#note('head', at);
      this.#value(head & 15, false);
    }
  }

  #value(type: number, inList: boolean): void {
    const at = this.#at;
    if (type === 1 || type === 2) {
      if (inList) this.#byte();
    } else if (type === 3) {
      this.#byte();
      this.#note('byte', at);
    } else if (type >= 4 && type <= 6) {
      this.#number();
      this.#note('number', at);
    } else if (type === 7) this.#at += 8;
    else if (type === 8) {
      const length = this.#number();
      this.#at += length;
      this.#note('text', at);
    } else if (type === 9 || type === 10) {
      const head = this.#byte();
      const length = head >> 4 === 15 ? this.#number() : head >> 4;
      this.#note('list', at);
      for (let left = length; left > 0; left--) this.#value(head & 15, true);
    } else if (type === 12) this.#structure();
    else throw new RangeError(`Type ${String(type)} is not known.`);
  }
}

const outlines = new WeakMap<Buffer, { readonly footer: readonly Field[]; readonly pages: readonly Field[] }>();

function outlineOf(bytes: Buffer) {
  const known = outlines.get(bytes);
  if (known !== undefined) return known;
  const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  const { fields: footer } = new Outline(bytes, start);
  const found = { footer, pages: firstPage(bytes) };
  outlines.set(bytes, found);
  return found;
}

/** The first page begins right after the magic number; where the others begin, only the description tells. */
function firstPage(bytes: Buffer): readonly Field[] {
  return new Outline(bytes, 4).fields;
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value & (2n ** 64n - 1n); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

/** One to three fields changed; the length of the description is put right most times. */
export function mutateParquet(rng: Rng, sound: Buffer): Buffer {
  const { footer, pages } = outlineOf(sound);
  const start = sound.length - 8 - sound.readUInt32LE(sound.length - 8);
  const inPages = rng.next() < 0.3;
  const changes = Array.from({ length: 1 + rng.integer(3) }, () => pick(rng, inPages ? pages : footer));
  const inOrder = [...new Set(changes)].sort((a, b) => b.at - a.at);
  let bytes = sound;
  for (const field of inOrder) {
    bytes = Buffer.concat([bytes.subarray(0, field.at), replacement(rng, sound, field), bytes.subarray(field.end)]);
  }
  if (inPages) return bytes;
  const copy = Buffer.from(bytes);
  if (rng.next() < 0.9) copy.writeUInt32LE(Math.max(0, copy.length - 8 - start), copy.length - 8);
  else copy.writeUInt32LE(Number(pick(rng, wholeNumbers) & 0xffffffffn), copy.length - 8);
  return copy;
}

function replacement(rng: Rng, bytes: Buffer, { at, end, kind }: Field): Buffer {
  const whole = rng.next() < 0.3 ? BigInt(rng.integer(300)) : pick(rng, wholeNumbers);
  switch (kind) {
    case 'number':
      return varint(whole);
    case 'text': {
      const text = Buffer.from(hostileString(rng));
      return Buffer.concat([varint(rng.next() < 0.8 ? BigInt(text.length) : whole), text]);
    }
    case 'list':
      return Buffer.concat([Buffer.from([0xf0 | ((bytes[at] ?? 0) & 15)]), varint(whole)]);
    case 'head':
      return Buffer.from([rng.integer(256)]);
    case 'byte':
      return Buffer.from([rng.integer(256), ...bytes.subarray(at + 1, end)]);
  }
}
