import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { leave } from '../../../src-main/commands/leave.ts';
import { runComputing } from '../../../src-main/setup/child.mjs';

test('flushes, tells its exit code, and only then ends at once', async () => {
  // Bug: the last lines of a result are lost, or the exit code is that of the signal.
  const done: string[] = [];
  const note = (what: string) => async () => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push(what);
  };
  await leave(3, {
    flush: note('flush'),
    tell: async (code) => note(`tell ${code}`)(),
    kill: () => void done.push('kill'),
    exit: (code) => void done.push(`exit ${code}`),
  });
  expect(done).toEqual(['flush', 'tell 3', 'kill']);
});

test('ends in the usual way where nobody waits for the exit code', async () => {
  const codes: number[] = [];
  await leave(130, {
    flush: async () => Promise.resolve(),
    tell: undefined,
    kill: () => expect.unreachable(),
    exit: (code) => void codes.push(code),
  });
  expect(codes).toEqual([130]);
});

test('the command line gives all of its output and its exit code, told or not', async () => {
  const program = path.join(import.meta.dirname, '../../../out/cli/cli.cjs');
  const listed = await new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn(process.execPath, [program, 'help'], { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('close', (code) => resolve({ code, output }));
  });
  expect(listed.code).toBe(0);
  expect(listed.output).toMatch(/Exit codes: .*cancelled\.\n$/);
  for (const [parameters, code] of [
    [['no-such-command'], 2],
    [['inspect', '/no/such/file'], 3],
  ] as const) {
    expect(await runComputing(process.execPath, [program, ...parameters], process.env)).toBe(code);
  }
});
