import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeCheckpoint } from '../../../src-main/runs/checkpoints.ts';
import { copyRecord, prepareRunFolder, readRun, readRunOrCopy, writeRun } from '../../../src-main/runs/runFolder.ts';
import { sampleRecord } from './sampleRecord.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'sara-runs-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('run folder', () => {
  it('gives back the record that was written', async () => {
    const run = path.join(directory, 'a');
    const record = sampleRecord({ best: { step: 4, loss: 1.5 }, error: { code: 'NON_FINITE', message: 'x' } });
    expect(await prepareRunFolder(run)).toBe(true);
    await writeRun(run, sampleRecord());
    await writeRun(run, record);
    expect(await readRun(run)).toEqual(record);
    // A temporary file left behind would make the folder look damaged.
    expect(await readdir(run)).toEqual(['run.json']);
  });

  it('never starts a run in a folder with other files', async () => {
    await writeFile(path.join(directory, 'thesis.txt'), 'precious');
    await expect(prepareRunFolder(directory)).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    expect(await readdir(directory)).toEqual(['thesis.txt']);
  });

  it('takes a folder in which a run was killed before it began', async () => {
    await writeFile(path.join(directory, 'run.lock'), '');
    await writeFile(path.join(directory, '.run.json.99.tmp'), '{');
    expect(await prepareRunFolder(directory)).toBe(false);
  });

  it.each([
    ['cut', (file: string) => truncate(file, 40)],
    ['missing', (file: string) => rm(file)],
    [
      'changed in one digit of a setting',
      async (file: string) => writeFile(file, (await readFile(file, 'utf8')).replace('"seed": 0', '"seed": 1')),
    ],
  ])('is restored from the newest checkpoint when run.json is %s', async (_what, harm) => {
    // Bug: a finished run vanishes from the list, or is resumed with other settings, after one bad sector.
    const record = sampleRecord({ state: 'running' });
    await writeRun(directory, record);
    const state = {
      step: 4,
      data: { epoch: 0, index: 4 },
      dataHash: 'abc',
      best: { step: 4, loss: 2 },
      baseLoss: 2.5,
      evaluationsWithoutGain: 0,
      tokens: 10,
      elapsedSeconds: 1.5,
    };
    await writeCheckpoint(directory, state, (folder) => copyRecord(folder, record));
    await harm(path.join(directory, 'run.json'));
    const { record: restored, fault } = await readRunOrCopy(directory);
    expect(restored).toEqual({ ...record, state: 'stopped', step: 4, best: { step: 4, loss: 2 }, last: { step: 4 } });
    expect(fault).toMatchObject({ code: 'RUN_INVALID', message: expect.stringContaining('run.json') as unknown });
  });

  it('takes a run.json that was changed on purpose, without its checksum', async () => {
    await writeRun(directory, sampleRecord());
    const file = path.join(directory, 'run.json');
    const { checksum, ...content } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    expect(checksum).toBeTypeOf('string');
    await writeFile(file, JSON.stringify({ ...content, name: 'renamed' }));
    expect((await readRun(directory)).name).toBe('renamed');
  });

  it.each([
    ['nothing', undefined, /is not a run/],
    ['text that is not JSON', '{"version":1,', /not valid JSON/],
    ['a missing field', JSON.stringify({ ...sampleRecord(), totalSteps: undefined }), /totalSteps/],
    ['a wrong type', JSON.stringify({ ...sampleRecord(), state: 'sleeping' }), /state/],
    ['a newer format', JSON.stringify({ ...sampleRecord(), version: 7 }), /newer version/],
  ])('refuses run.json with %s and says so', async (_what, content, message) => {
    if (content !== undefined) await writeFile(path.join(directory, 'run.json'), content);
    await expect(readRun(directory)).rejects.toMatchObject({ code: 'RUN_INVALID', message });
  });

  it('fills in settings that an older version did not know', async () => {
    const record = sampleRecord();
    const { samplePrompts: _absent, ...config } = record.config;
    await writeFile(path.join(directory, 'run.json'), JSON.stringify({ ...record, config }));
    expect((await readRun(directory)).config.samplePrompts).toEqual([]);
  });
});
