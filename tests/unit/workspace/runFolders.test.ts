import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { trainConfigSchema } from '../../../src-main/contract/requests.schema.ts';
import type { RunRecord } from '../../../src-main/contract/training.ts';
import { writeRun } from '../../../src-main/runs/runFolder.ts';
import { lockRun } from '../../../src-main/runs/runLock.ts';
import { RunFolders } from '../../../src-main/workspace/runFolders.ts';

let root: string;
let runs: RunFolders;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'sara-runs-'));
  runs = new RunFolders(path.join(root, 'runs'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const config = trainConfigSchema.parse({
  model: '/models/My Model!.gguf',
  data: { path: '/d' },
  method: { name: 'lora' },
});
const today = new Date('2026-03-01T10:00:00Z');

function record(state: RunRecord['state']): RunRecord {
  return {
    version: 1,
    id: 'r',
    name: 'r',
    createdAt: '2026-03-01T10:00:00.000Z',
    updatedAt: '2026-03-01T10:00:00.000Z',
    appVersion: '0.1.0',
    state,
    config,
    model: { path: '/m', name: 'm', family: 'llama', hash: 'h' },
    ranks: [],
    trainable: 1,
    totalSteps: 10,
    step: 4,
    best: null,
    last: null,
    baseLoss: null,
  };
}

describe('RunFolders', () => {
  it('names a run by day, model and method, and never gives a folder twice', async () => {
    const folders = [
      await runs.create(config, today),
      await runs.create(config, today),
      await runs.create(config, today),
    ];
    expect(folders.map((folder) => path.basename(folder))).toEqual([
      '2026-03-01 My-Model- lora',
      '2026-03-01 My-Model- lora 2',
      '2026-03-01 My-Model- lora 3',
    ]);
    expect(folders.every((folder) => existsSync(folder))).toBe(true);
  });

  it('gives different folders to trainings that begin at the same moment', async () => {
    const folders = await Promise.all([1, 2, 3, 4].map(async () => runs.create(config, today)));
    expect(new Set(folders).size).toBe(4);
  });

  it('calls a run stopped whose process was ended, and running while one holds it', async () => {
    const folder = await runs.create(config, today);
    await writeRun(folder, record('running'));
    expect((await runs.list())[0]?.record.state).toBe('stopped');
    const lock = await lockRun(folder);
    expect((await runs.list())[0]?.record.state).toBe('running');
    expect((await runs.read(folder)).state).toBe('running');
    await lock.release();
  });

  it('leaves a finished run as it is', async () => {
    const folder = await runs.create(config, today);
    await writeRun(folder, record('done'));
    expect((await runs.list()).map((run) => run.record.state)).toEqual(['done']);
  });

  it('deletes a run of the workspace, and nothing else', async () => {
    const folder = await runs.create(config, today);
    await writeRun(folder, record('done'));
    const elsewhere = path.join(root, 'elsewhere');
    await writeRun(elsewhere, record('done'));
    const empty = await runs.create(config, today);
    for (const [target, code] of [
      [elsewhere, 'FORBIDDEN'],
      [runs.directory, 'FORBIDDEN'],
      [path.join(folder, '..', '..', 'elsewhere'), 'FORBIDDEN'],
      [empty, 'RUN_INVALID'],
    ] as const) {
      await expect(runs.delete(target)).rejects.toMatchObject({ code });
      expect(existsSync(target)).toBe(true);
    }
    await runs.delete(folder);
    expect(existsSync(folder)).toBe(false);
  });

  // Would catch: a run that cannot be resumed after it was put back, because the trash kept its lock.
  it('puts a run into the trash without a lock, and leaves it where that fails', async () => {
    const folder = await runs.create(config, today);
    await writeRun(folder, record('done'));
    const refused = new Error('there is no trash');
    await expect(runs.delete(folder, async () => Promise.reject(refused))).rejects.toBe(refused);
    expect((await runs.list()).length).toBe(1);
    const trash = path.join(root, 'trash');
    await runs.delete(folder, async (doomed) => {
      renameSync(doomed, trash);
      return Promise.resolve();
    });
    expect([await runs.list(), readdirSync(trash)]).toEqual([[], ['run.json']]);
  });

  it('lists the sound runs, the last used first; a missing folder has none', async () => {
    expect(await runs.list()).toEqual([]);
    for (const [id, updatedAt] of [
      ['old', '2026-01-01T00:00:00.000Z'],
      ['new', '2026-02-01T00:00:00.000Z'],
    ] as const) {
      await writeRun(path.join(runs.directory, id), { ...record('done'), id, updatedAt });
    }
    mkdirSync(path.join(runs.directory, 'not a run'));
    writeFileSync(path.join(runs.directory, 'a file'), '');
    expect((await runs.list()).map((run) => run.record.id)).toEqual(['new', 'old']);
  });

  it('lists a run again as it is now when its record has changed', async () => {
    const folder = await runs.create(config, today);
    await writeRun(folder, record('failed'));
    expect((await runs.list())[0]?.record.state).toBe('failed');
    await writeRun(folder, { ...record('done'), step: 10 });
    const [listed] = await runs.list();
    expect(listed?.record).toMatchObject({ state: 'done', step: 10 });
    expect(listed?.record).not.toHaveProperty('ranks');
  });

  it('takes back only a folder that nothing was written to', async () => {
    const empty = await runs.create(config, today);
    const used = await runs.create(config, today);
    await writeRun(used, record('stopped'));
    await runs.discardEmpty(empty);
    await runs.discardEmpty(used);
    expect([existsSync(empty), existsSync(used)]).toEqual([false, true]);
  });

  it('does not delete a run that is being trained', async () => {
    const folder = await runs.create(config, today);
    await writeRun(folder, record('running'));
    const lock = await lockRun(folder);
    await expect(runs.delete(folder)).rejects.toMatchObject({ code: 'RUN_BUSY' });
    await lock.release();
    expect(existsSync(folder)).toBe(true);
  });

  it('removes what killed processes left among the runs, and neither runs nor what a living process holds', async () => {
    const kept = await runs.create(config, today);
    await writeRun(kept, record('stopped'));
    const never = await runs.create(config, today);
    writeFileSync(path.join(never, 'run.lock'), '');
    const held = await runs.create(config, today);
    const lock = await lockRun(held);
    mkdirSync(path.join(runs.directory, '.half deleted.2147483646.tmp', 'checkpoints'), { recursive: true });
    mkdirSync(path.join(runs.directory, 'photos'));
    writeFileSync(path.join(runs.directory, 'photos', 'cat.jpg'), '');
    await runs.removeLeftovers();
    expect(readdirSync(runs.directory).sort()).toEqual([path.basename(kept), path.basename(held), 'photos'].sort());
    await lock.release();
  });
});
