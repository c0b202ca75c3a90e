// Random tensors survive writing and reading; random headers are refused in plain words, never by a crash.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from '../../../src-main/models/halfFloats.ts';
import { SafetensorsFile } from '../../../src-main/models/safetensors/reader.ts';
import { tensorToWrite, writeSafetensors, type WrittenType } from '../../../src-main/models/safetensors/writer.ts';
import { AppError } from '../../../src-main/util/appError.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sara-'));
});
afterAll(() => rm(folder, { recursive: true }));

function rounded(values: Float32Array, type: WrittenType): Float32Array {
  if (type === 'F32') return values;
  return type === 'F16' ? halfToFloat(floatToHalf(values)) : bfloatToFloat(floatToBfloat(values));
}

const tensor = fc
  .record({
    name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((name) => name !== '__metadata__'),
    shape: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }),
    type: fc.constantFrom<WrittenType>('F32', 'F16', 'BF16'),
  })
  .chain((facts) => {
    const length = facts.shape.reduce((product, dimension) => product * dimension, 1);
    const value = fc.float({ noNaN: true, min: -60_000, max: 60_000 });
    return fc.record({
      name: fc.constant(facts.name),
      shape: fc.constant(facts.shape),
      type: fc.constant(facts.type),
      values: fc.array(value, { minLength: length, maxLength: length }).map((values) => Float32Array.from(values)),
    });
  });

describe('safetensors', () => {
  it('gives back every tensor that was written, rounded to its type', async () => {
    const tensors = fc.uniqueArray(tensor, { maxLength: 6, selector: ({ name }) => name });
    await fc.assert(
      fc.asyncProperty(tensors, async (written) => {
        const file = path.join(folder, 'a.safetensors');
        await writeSafetensors(
          file,
          written.map(({ name, shape, values, type }) => tensorToWrite(name, shape, values, type)),
        );
        const opened = await SafetensorsFile.open(file);
        try {
          expect([...opened.entries.keys()].sort()).toEqual(written.map(({ name }) => name).sort());
          for (const { name, shape, values, type } of written) {
            expect(opened.entry(name).shape).toEqual(shape);
            expect(await opened.readValues(name, 0, values.length)).toEqual(rounded(values, type));
          }
        } finally {
          await opened.close();
        }
      }),
      { numRuns: 60 },
    );
  });

  const wild = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.constant(2 ** 53),
    fc.constant(-1),
    fc.string(),
    fc.constant(null),
  );
  const entry = fc.oneof(
    fc.record({
      dtype: fc.oneof(fc.constantFrom('F32', 'F16', 'I64', 'BOOL'), fc.string()),
      shape: fc.oneof(fc.array(fc.oneof(fc.nat(8), wild)), wild),
      data_offsets: fc.oneof(fc.tuple(fc.nat(64), fc.nat(64)), fc.array(wild), wild),
    }),
    fc.jsonValue(),
  );

  it('opens or refuses whatever a header says', async () => {
    const headers = fc.oneof(
      fc.dictionary(fc.string(), entry, { maxKeys: 4 }).map((header) => Buffer.from(JSON.stringify(header))),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    );
    const lengths = fc.oneof(fc.constant(undefined), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    await fc.assert(
      fc.asyncProperty(headers, lengths, fc.uint8Array({ maxLength: 64 }), async (header, length, data) => {
        const prefix = Buffer.alloc(8);
        prefix.writeBigUInt64LE(length ?? BigInt(header.length));
        const file = path.join(folder, 'fuzz.safetensors');
        await writeFile(file, Buffer.concat([prefix, header, data]));
        try {
          await (await SafetensorsFile.open(file)).close();
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect(error).toMatchObject({ code: 'SAFETENSORS_INVALID' });
        }
      }),
      { numRuns: 400 },
    );
  });
});
