import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SafetensorsFile } from '../../../src-main/models/safetensors/reader.ts';
import { openModelFiles } from '../../../src-main/models/safetensors/shards.ts';
import { writeModelWeights } from '../../../src-main/models/safetensors/shardWriter.ts';
import { tensorToWrite, writeSafetensors } from '../../../src-main/models/safetensors/writer.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';

describe('writing safetensors', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sara-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i / 8);

  it('writes the metadata that transformers demands and aligned data', async () => {
    const file = path.join(folder, 'a.safetensors');
    // An odd number of F16 values first would put the F32 tensor at an odd place.
    await writeSafetensors(file, [tensorToWrite('h', [3], ramp(3), 'F16'), tensorToWrite('f', [2, 2], ramp(4), 'F32')]);
    const opened = await SafetensorsFile.open(file);
    expect(opened.metadata).toEqual({ format: 'pt' });
    expect(opened.entry('f').position % 8).toBe(0);
    expect(await opened.readValues('h', 0, 3)).toEqual(ramp(3));
    expect(await opened.readValues('f', 1, 2)).toEqual(Float32Array.of(0.125, 0.25));
    await opened.close();
  });

  it('asks for rows in pieces and reports the bytes done', async () => {
    const file = path.join(folder, 'a.safetensors');
    const width = 2 ** 20;
    const asked: number[][] = [];
    const progress: number[] = [];
    await writeSafetensors(
      file,
      [
        {
          ...{ name: 'a', shape: [9, width], type: 'BF16' },
          readRows: (from, count) => {
            asked.push([from, count]);
            return Promise.resolve(new Float32Array(count * width).fill(from));
          },
        },
      ],
      { onProgress: (done, total) => progress.push(done / total) },
    );
    expect(asked).toEqual([
      [0, 4],
      [4, 4],
      [8, 1],
    ]);
    expect(progress.at(-1)).toBe(1);
    const opened = await SafetensorsFile.open(file);
    expect(await opened.readValues('a', 8 * width - 1, 2)).toEqual(Float32Array.of(4, 8));
    await opened.close();
  });

  it('splits into shards that the reader takes as one model', async () => {
    const tensors = ['a', 'b', 'c', 'd'].map((name, i) =>
      tensorToWrite(
        name,
        [4],
        ramp(4).map((value) => value + i),
      ),
    );
    const digests = await writeModelWeights(folder, tensors, 40);
    expect([...digests.keys()]).toEqual(['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']);
    for (const [name, digest] of digests) {
      const content = await readFile(path.join(folder, name));
      expect(createHash('sha256').update(content).digest('hex')).toBe(digest);
    }
    const index = JSON.parse(await readFile(path.join(folder, 'model.safetensors.index.json'), 'utf8')) as unknown;
    expect(index).toMatchObject({
      metadata: { total_size: 64 },
      weight_map: { c: 'model-00002-of-00002.safetensors' },
    });
    const { files, fileOf } = await openModelFiles(folder);
    expect(await fileOf.get('d')?.readValues('d', 0, 1)).toEqual(Float32Array.of(3));
    await Promise.all(files.map((file) => file.close()));
  });

  it('reads shards through symbolic links, as the cache of the hub has them', async () => {
    const snapshot = await mkdtemp(path.join(folder, 'snapshot-'));
    await writeSafetensors(path.join(folder, 'blob'), [tensorToWrite('a', [1], ramp(1))]);
    await symlink(path.join('..', 'blob'), path.join(snapshot, 'model.safetensors'));
    const { files } = await openModelFiles(snapshot);
    expect(files[0]?.entries.has('a')).toBe(true);
    await Promise.all(files.map((file) => file.close()));
  });

  it('leaves nothing behind when a value does not fit, is missing, or the signal is aborted', async () => {
    const file = path.join(folder, 'a.safetensors');
    const tooLarge = await appErrorOf(
      writeSafetensors(file, [tensorToWrite('big', [2], Float32Array.of(1, 7e4), 'F16')]),
    );
    expect(tooLarge.code).toBe('TENSOR_INVALID');
    expect(tooLarge.message).toMatch(/70000.*"big".*F16/);
    const controller = new AbortController();
    controller.abort();
    const write = writeSafetensors(file, [tensorToWrite('a', [2], ramp(2))], { signal: controller.signal });
    expect((await appErrorOf(write)).code).toBe('CANCELLED');
    await expect(writeSafetensors(file, [tensorToWrite('a', [3], ramp(2))])).rejects.toThrow(/"a" gave 2 values/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is read back from double precision rounded to float32', async () => {
    const file = path.join(folder, 'a.safetensors');
    const header = Buffer.from('{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}    ');
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(header.length));
    await writeFile(file, Buffer.concat([prefix, header, Buffer.from(Float64Array.of(0.1, -1e300).buffer)]));
    const opened = await SafetensorsFile.open(file);
    expect([...(await opened.readValues('a', 0, 2))]).toEqual([Math.fround(0.1), -Infinity]);
    expect([...(await opened.readValues('a', 1, 1))]).toEqual([-Infinity]);
    await opened.close();
  });

  it('keeps infinities that were there before the conversion', async () => {
    const file = path.join(folder, 'a.safetensors');
    await writeSafetensors(file, [tensorToWrite('a', [3], Float32Array.of(Infinity, -Infinity, NaN), 'F16')]);
    const opened = await SafetensorsFile.open(file);
    expect([...(await opened.readValues('a', 0, 3))]).toEqual([Infinity, -Infinity, NaN]);
    await opened.close();
  });
});
