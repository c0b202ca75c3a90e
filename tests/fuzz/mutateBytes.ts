/** Changes of a file that know nothing of its form. */
import type { Rng } from '../../src-main/util/rng.ts';
import { pick, wholeNumbers } from './hostile.ts';

const stretches: readonly Buffer[] = [
  Buffer.from([0]),
  Buffer.from([0xff]),
  Buffer.from([0xc3, 0x28]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0xf8, 0x88]),
  Buffer.from([0xef, 0xbb, 0xbf]),
  Buffer.from([0xff, 0xfe]),
  Buffer.from('\r\n'),
  Buffer.from('"'),
  Buffer.from(','),
  Buffer.from('{'),
  Buffer.from('}'),
  Buffer.from('['),
  Buffer.from('\\'),
  Buffer.from('\0\0\0\0'),
  Buffer.alloc(16, 0xff),
];

/** One to four changes: bits, bytes, whole numbers, stretches cut out, doubled, moved, or the end cut off. */
export function mutateBytes(rng: Rng, sound: Uint8Array): Buffer {
  let bytes = Buffer.from(sound);
  for (let left = 1 + rng.integer(4); left > 0; left--) bytes = change(rng, bytes);
  return bytes;
}

function change(rng: Rng, bytes: Buffer): Buffer<ArrayBuffer> {
  const copy = Buffer.from(bytes);
  if (copy.length === 0) return Buffer.from(pick(rng, stretches));
  // Heads decide most, and are near the beginning or the end.
  const near = rng.next() < 0.5 ? Math.min(copy.length, 4096) : copy.length;
  const at = rng.integer(near);
  const length = 1 + rng.integer(Math.min(64, copy.length - at));
  switch (rng.integer(9)) {
    case 0:
      copy[at] = (copy[at] ?? 0) ^ (1 << rng.integer(8));
      return copy;
    case 1:
      copy[at] = rng.integer(256);
      return copy;
    case 2: {
      const width = pick(rng, [1, 2, 4, 8]);
      for (let i = 0, value = pick(rng, wholeNumbers); i < width && at + i < copy.length; i++, value >>= 8n) {
        copy[at + i] = Number(value & 255n);
      }
      return copy;
    }
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
    case 4:
      return Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)]);
    case 5:
      return Buffer.concat([copy.subarray(0, at), pick(rng, stretches), copy.subarray(at)]);
    case 6:
      return Buffer.from(copy.subarray(0, at));
    case 7:
      return Buffer.concat([copy, rng.next() < 0.5 ? copy.subarray(at) : Buffer.alloc(1 + rng.integer(100))]);
    default: {
      const from = rng.integer(copy.length);
      return Buffer.concat([copy.subarray(0, at), copy.subarray(from, from + length), copy.subarray(at)]);
    }
  }
}
