import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRunHeld, lockRun } from '../../../src-main/runs/runLock.ts';

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

  it('notices that the run was taken away, and leaves the lock of its new holder alone', async () => {
    // Bug: a training goes on writing where its drive was, or over the process that was given the run meanwhile.
    const lock = await lockRun(run);
    await lock.assertHeld();
    await rm(run, { recursive: true });
    await expect(lock.assertHeld()).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', message: /drive/ });
    await mkdir(run);
    const next = await lockRun(run);
    await expect(lock.assertHeld()).rejects.toMatchObject({ code: 'RUN_BUSY' });
    await lock.release();
    await next.assertHeld();
    await next.release();
  });

  it('looks without taking: whoever takes the run meanwhile is not told that it is busy', async () => {
    const looks = Promise.all(Array.from({ length: 20 }, () => isRunHeld(run)));
    const lock = await lockRun(run);
    await looks;
    expect(await isRunHeld(run)).toBe(true);
    await lock.release();
    expect(await isRunHeld(run)).toBe(false);
  });

  it('clears away what killed processes left unfinished, and nothing else', async () => {
    const gone = endedProcess();
    const prepared = { pid: gone, host: os.hostname(), processStart: null };
    await writeFile(path.join(run, `.run.json.${gone}.tmp`), '{');
    await writeFile(path.join(run, 'run.lock.4711'), JSON.stringify(prepared));
    await writeFile(path.join(run, 'run.lock.4712'), JSON.stringify({ ...prepared, pid: process.pid }));
    await writeFile(path.join(run, 'run.json'), '{}');
    for (const name of [`.step-000000.${gone}.tmp`, `.step-000004.${gone}.tmp.old`, 'step-000004']) {
      await mkdir(path.join(run, 'checkpoints', name), { recursive: true });
    }
    await mkdir(path.join(run, 'samples'));
    await writeFile(path.join(run, 'samples', `.last.json.${gone}.tmp`), '{');
    const lock = await lockRun(run);
    expect(await readdir(run)).toEqual(['checkpoints', 'run.json', 'run.lock', 'run.lock.4712', 'samples']);
    expect(await readdir(path.join(run, 'checkpoints'))).toEqual(['step-000004']);
    expect(await readdir(path.join(run, 'samples'))).toEqual([]);
    expect(JSON.parse(await readFile(path.join(run, 'run.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    await lock.release();
  });
});
