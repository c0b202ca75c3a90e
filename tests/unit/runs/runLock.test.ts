import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockRun } from '../../../src-main/runs/runLock.ts';

let run: string;
beforeEach(async () => {
  run = await mkdtemp(path.join(os.tmpdir(), 'sara-lock-'));
});
afterEach(async () => {
  await rm(run, { recursive: true, force: true });
});

function leaveLock(owner: object): Promise<void> {
  return writeFile(path.join(run, 'run.lock'), JSON.stringify(owner));
}

/** Number of a process that has just ended. */
function endedProcess(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('lockRun', () => {
  it('lets one operation at a time work on a run', async () => {
    const lock = await lockRun(run);
    await expect(lockRun(run)).rejects.toMatchObject({ code: 'RUN_BUSY', message: new RegExp(String(process.pid)) });
    await lock.release();
    await (await lockRun(run)).release();
    expect(await readdir(run)).toEqual([]);
  });

  it('takes over the lock of a process that has ended', async () => {
    await leaveLock({ pid: endedProcess(), host: os.hostname(), processStart: null });
    await (await lockRun(run)).release();
    expect(await readdir(run)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('is not fooled by a later process with the same number', async () => {
    await leaveLock({ pid: process.pid, host: os.hostname(), processStart: 'another boot:1' });
    await (await lockRun(run)).release();
  });

  it('takes over a lock that a crash left empty', async () => {
    await writeFile(path.join(run, 'run.lock'), '');
    await (await lockRun(run)).release();
  });

  it('leaves the lock of another machine alone and names the machine', async () => {
    await leaveLock({ pid: endedProcess(), host: 'another-machine', processStart: null });
    await expect(lockRun(run)).rejects.toMatchObject({ code: 'RUN_BUSY', message: /another-machine/ });
  });

  it('gives a stale lock to exactly one of several takers', async () => {
    await leaveLock({ pid: endedProcess(), host: os.hostname(), processStart: null });
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(run)));
    expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
  });
});
