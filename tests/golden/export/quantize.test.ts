import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { quantize } from '../../../src-main/models/gguf/quantize.ts';

const golden = JSON.parse(readFileSync(path.join(import.meta.dirname, 'quantized.json'), 'utf8')) as Record<
  string,
  string
>;
const bytes = Buffer.from(golden['values'] ?? '', 'hex');
const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

// Bug caught: rounding half to even instead of away from zero, or in double precision, changes single quants.
describe.each(['F16', 'BF16', 'Q8_0', 'Q4_0', 'Q5_0', 'Q5_1'] as const)('%s', (type) => {
  test('gives the bytes of the gguf package', () => {
    expect(Buffer.from(quantize(type, values, 'the values')).toString('hex')).toBe(golden[type]);
  });
});
