import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SafetensorsFile } from '../../../../src-main/models/safetensors/reader.ts';
import { floatTensor, writeSafetensors } from '../../../../src-main/models/safetensors/writer.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-writer-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('writeSafetensors', () => {
  it('writes what the reader gives back bit for bit', async () => {
    const file = path.join(folder, 'a.safetensors');
    const values = Float32Array.from([1.5, -0, Number.MIN_VALUE, 3e38, 1 / 3, -7]);
    await writeSafetensors(
      file,
      [
        floatTensor('scalar', [], values.subarray(4, 5)),
        floatTensor('b', [2, 3], values),
        floatTensor('e', [0], new Float32Array()),
      ],
      { format: 'sara', note: 'ü' },
    );
    const read = await SafetensorsFile.open(file);
    try {
      expect(read.metadata).toEqual({ format: 'sara', note: 'ü' });
      expect([...read.entries.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual([
        { name: 'scalar', dtype: 'F32', shape: [] },
        { name: 'b', dtype: 'F32', shape: [2, 3] },
        { name: 'e', dtype: 'F32', shape: [0] },
      ]);
      expect(new Uint8Array((await read.readValues('b', 0, 6)).buffer)).toEqual(new Uint8Array(values.buffer));
    } finally {
      await read.close();
    }
  });

  it('begins the data at a multiple of 8, as readers that map the file need', async () => {
    const file = path.join(folder, 'a.safetensors');
    for (const name of ['a', 'ab', 'abc']) {
      await writeSafetensors(file, [floatTensor(name, [1], Float32Array.of(1))], {});
      expect(Number((await readFile(file)).readBigUInt64LE(0)) % 8).toBe(0);
    }
  });

  it('refuses values that do not fit the shape', async () => {
    const file = path.join(folder, 'a.safetensors');
    await expect(writeSafetensors(file, [floatTensor('a', [3], new Float32Array(2))], {})).rejects.toThrow(/Tensor a /);
  });
});
