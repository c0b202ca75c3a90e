/** Values that parsers stumble over. */
import type { Rng } from '../../src-main/util/rng.ts';

/** One of a list. */
export function pick<T>(rng: Rng, from: readonly T[]): T {
  const chosen = from[rng.integer(from.length)];
  if (chosen === undefined) throw new RangeError('There is nothing to pick from.');
  return chosen;
}

export const numbers: readonly number[] = [
  0,
  1,
  -1,
  2,
  3,
  7,
  8,
  63,
  64,
  65,
  127,
  128,
  255,
  256,
  1023,
  65_535,
  65_536,
  1e6,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 40,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 31),
  -(2 ** 53),
  1e18,
  2 ** 63,
  2 ** 64,
  1e100,
  1.7e308,
  5e-324,
  0.5,
  -0.1,
];

/** Whole numbers for the fields of binary files. */
export const wholeNumbers: readonly bigint[] = [
  0n,
  1n,
  2n,
  3n,
  4n,
  7n,
  8n,
  15n,
  16n,
  31n,
  32n,
  63n,
  64n,
  127n,
  128n,
  255n,
  256n,
  4095n,
  65_535n,
  65_536n,
  1_000_000n,
  2n ** 24n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 40n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 2n,
  2n ** 64n - 1n,
];

export const strings: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\u{feff}',
  '\ud800',
  '\udfff x',
  '\u2028',
  '\u202e',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  '..',
  '.',
  '../../../../../../etc/passwd',
  '../outside.safetensors',
  '..\\..\\outside',
  '/etc/passwd',
  '/dev/zero',
  '/proc/self/mem',
  'C:\\Windows\\win.ini',
  '\\\\host\\share',
  'CON',
  'file:///etc/passwd',
  'https://example.com/x',
  '%2e%2e%2f',
  'NaN',
  'Infinity',
  'null',
  'true',
  '-0',
  '1e999',
  '{}',
  '[]',
  '<script>alert(1)</script>',
  '${7*7}',
  '{{ 7*7 }}',
  '𝒳',
  '👩‍👩‍👧',
  'é',
  'İ',
  'ß',
  '\r\n',
  '\t',
  '"',
  "'",
  '\\',
  'F32',
  'BF16',
  'llama',
  'gpt2',
  'starfish',
  'BPE',
  'Unigram',
  'WordPiece',
  'Sequence',
  'ByteLevel',
  'Replace',
];

export function hostileString(rng: Rng): string {
  if (rng.next() < 0.9) return pick(rng, strings);
  return pick(rng, strings)
    .padEnd(1, 'x')
    .repeat(1 + rng.integer(rng.next() < 0.1 ? 20_000 : 50));
}

/** What stands for a value in JSON, valid or not. */
export function hostileJson(rng: Rng): string {
  const kind = rng.integer(12);
  switch (kind) {
    case 0:
    case 1:
    case 2:
      return String(pick(rng, numbers));
    case 3:
    case 4:
      return JSON.stringify(hostileString(rng));
    case 5:
      return pick(rng, ['null', 'true', 'false', '{}', '[]', '""', '[[]]', '[{}]', '[null]', '{"":0}']);
    case 6:
      return pick(rng, [
        'NaN',
        'Infinity',
        '1e999',
        '-1e999',
        '01',
        '0x10',
        '+1',
        '.5',
        '1.',
        "'a'",
        'undefined',
        '',
        ',',
      ]);
    case 7: {
      const depth = pick(rng, [3, 20, 70, 200, rng.next() < 0.2 ? 20_000 : 500]);
      return rng.next() < 0.5 ? '['.repeat(depth) + ']'.repeat(depth) : '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
    }
    case 8:
      return pick(rng, [
        '{"__proto__":{"polluted":1}}',
        '{"constructor":{"prototype":{"polluted":1}}}',
        '{"toString":1,"valueOf":2}',
        '{"length":4294967295}',
        '{"then":1}',
        '{"toJSON":"x"}',
      ]);
    case 9:
      return `[${Array.from({ length: 1 + rng.integer(40) }, () => String(pick(rng, numbers))).join(',')}]`;
    case 10:
      return `[${Array.from({ length: 1 + rng.integer(20) }, () => JSON.stringify(hostileString(rng))).join(',')}]`;
    default:
      return String(Math.round((rng.next() - 0.3) * 10 ** rng.integer(12)));
  }
}
