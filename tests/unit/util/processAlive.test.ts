import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { isProcessAlive } from '../../../src-main/util/processAlive.ts';

describe('a process', () => {
  it('is alive while it runs, and not after it has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    const pid = child.pid ?? 0;
    expect(isProcessAlive(pid)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isProcessAlive(pid)).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')('that has ended unseen by its parent is not alive', async () => {
    // Bug: where nobody asks for exit codes, a killed training holds its run for ever.
    // The shell becomes `sleep`, which never asks for the exit code of the child that the shell had; only then does that end.
    const script = 'cat <&3 >/dev/null & echo $!; exec sleep 60';
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
    const [, output, , toChild] = parent.stdio as unknown as [null, Readable, null, Writable];
    const [line] = (await once(createInterface({ input: output }), 'line')) as [string];
    const programOfParent = (): string => readFileSync(`/proc/${String(parent.pid)}/comm`, 'utf8').trim();
    await expect.poll(programOfParent, { timeout: 10_000 }).toBe('sleep');
    toChild.end();
    await expect.poll(() => isProcessAlive(Number(line)), { timeout: 10_000 }).toBe(false);
    // It is still listed.
    expect(() => process.kill(Number(line), 0)).not.toThrow();
    parent.kill('SIGKILL');
  });
});
