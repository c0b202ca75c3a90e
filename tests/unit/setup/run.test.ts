import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram, reasonOf, run } from '../../../src-main/setup/run.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sara-run-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const waits = ['-e', 'setTimeout(() => undefined, 60_000)'];

describe('a command of set-up', () => {
  it('hands back its output and exit code', async () => {
    const outcome = await run(process.execPath, ['-e', 'console.log("out"); console.error("bad"); process.exit(3)']);
    expect(outcome).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'bad\n', stopped: undefined });
  });

  it('has code 127 when there is no such program', async () => {
    expect((await run(join(folder, 'no-such-program'), [])).code).toBe(127);
  });

  it('is ended when a download brings nothing any more', async () => {
    const outcome = await run(process.execPath, waits, { growingFolder: folder, stallSeconds: 1 });
    expect(outcome.stopped).toBe('nothing came for 1 s');
  });

  it('goes on while a download grows, and says how far it is', async () => {
    const file = join(folder, 'download');
    const growing = setInterval(() => appendFileSync(file, 'x'.repeat(1000)), 200);
    const sizes: number[] = [];
    const outcome = await run(process.execPath, ['-e', 'setTimeout(() => undefined, 2500)'], {
      growingFolder: folder,
      stallSeconds: 1.5,
      onGrowth: (bytes) => sizes.push(bytes),
    });
    clearInterval(growing);
    expect(outcome.stopped).toBeUndefined();
    expect(sizes.at(-1)).toBeGreaterThan(sizes[0] ?? Infinity);
  });

  it('is ended when it takes longer than it may', async () => {
    expect((await run(process.execPath, waits, { seconds: 0.2 })).stopped).toBe('it took longer than 0.2 s');
  });
});

describe('the reason of a failure', () => {
  const outcome = { code: 1, stdout: '', stopped: undefined };
  it.each([
    [
      'the first error of a compiler',
      'a.cc:1:10: fatal error: node_api.h: No such file or directory\ncompilation terminated.',
      'a.cc:1:10: fatal error: node_api.h: No such file or directory',
    ],
    [
      'npm’s sentence instead of its code or its last hint',
      'npm error code ENOTCACHED\nnpm error request to https://x failed: cache mode is only-if-cached.\nnpm error A complete log of this run can be found in: /x',
      'request to https://x failed: cache mode is only-if-cached',
    ],
    [
      'pip’s error instead of its warnings',
      'WARNING: Retrying after connection broken: cannot connect\nERROR: Could not find a version of x',
      'Could not find a version of x',
    ],
    ['the last line when none tells of an error', 'working\nhalted', 'halted'],
    ['the exit code when there is no output', '', 'exit code 1'],
  ])('is %s', (_what, stderr, reason) => {
    expect(reasonOf({ ...outcome, stderr })).toBe(reason);
  });
});

describe('a program on PATH', () => {
  it('is found by its name, and a missing one is not', () => {
    expect(findProgram('node')).toMatch(/node/);
    expect(findProgram('no-such-program-anywhere')).toBeUndefined();
  });
});
