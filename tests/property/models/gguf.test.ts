// A GGUF file with any bytes changed or cut off is opened or refused in plain words, never by a crash or a hang.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModel } from '../../../src-main/models/open.ts';
import { AppError } from '../../../src-main/util/appError.ts';
import { goldenPath } from '../../support/goldenPath.ts';

const { signal } = new AbortController();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sara-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('damaged GGUF files', () => {
  it.each([goldenPath('corrupt', 'gguf', 'sound.gguf'), goldenPath('llama', 'base-f32.gguf')])(
    'are opened or refused: %#',
    async (original) => {
      const sound = await readFile(original);
      const head = Math.min(sound.length, 9000);
      const change = fc.record({ at: fc.nat(head - 1), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
      const file = path.join(folder, 'damaged.gguf');
      await fc.assert(
        fc.asyncProperty(fc.array(change, { maxLength: 3 }), fc.option(fc.nat(sound.length)), async (changes, cut) => {
          const damaged = Buffer.from(sound);
          for (const { at, bytes } of changes) damaged.set(bytes.subarray(0, damaged.length - at), at);
          await writeFile(file, cut === null ? damaged : damaged.subarray(0, cut));
          try {
            const model = await openModel(file, signal);
            await model.tokenizer().catch((error: unknown) => {
              expect(error).toBeInstanceOf(AppError);
            });
            await model.close();
          } catch (error) {
            expect(error).toBeInstanceOf(AppError);
            expect(error).not.toMatchObject({ code: 'INTERNAL' });
          }
        }),
        { numRuns: 150 },
      );
    },
  );
});
