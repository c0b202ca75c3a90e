import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import type { CommandOutput } from '../../../src-main/commands/command.ts';
import { commands } from '../../../src-main/commands/commandTable.ts';
import { runCommandLine, type CommandLine } from '../../../src-main/commands/runCommandLine.ts';
import { operationsWith } from '../../support/memoryEngine.ts';

interface Written {
  readonly out: string[];
  readonly err: string[];
  readonly opened: number;
}

async function call(...args: string[]): Promise<Written & { readonly code: number }> {
  return callWith(undefined, ...args);
}

async function callWith(
  rateWith: CommandLine['rateWith'] | undefined,
  ...args: string[]
): Promise<Written & { readonly code: number }> {
  const out: string[] = [];
  const err: string[] = [];
  let opened = 0;
  const code = await runCommandLine(
    args,
    {
      version: '9.8.7',
      openOutput: (json): CommandOutput & { end(): void } => ({
        json,
        line: (text) => out.push(text),
        piece: (text) => out.push(text),
        value: (value) => out.push(JSON.stringify(value)),
        progress: () => undefined,
        ask: undefined,
        note: (text) => err.push(text),
        end: () => undefined,
      }),
      secret: async () => Promise.resolve(''),
      rateWith: rateWith ?? (async () => Promise.reject(new Error('nothing is to be measured'))),
      openOperations: () => {
        opened += 1;
        if (rateWith === undefined) throw new Error('no command of these tests may reach the engine');
        return { operations: operationsWith({}), close: async () => Promise.resolve() };
      },
    },
    new AbortController().signal,
  );
  return { code, out, err, opened };
}

// Bug: --help starting the engine, or missing for a command.
test.each(commands.map((command) => command.name))(
  'sara %s --help lists every option and loads nothing',
  async (name) => {
    const { code, out, opened } = await call(name, '--help');
    expect(code).toBe(0);
    expect(opened).toBe(0);
    for (const option of Object.keys(commands.find((command) => command.name === name)?.options ?? {})) {
      expect(out.join('\n')).toContain(`--${option}`);
    }
  },
);

test('a command that does not exist ends with 2 and names those that do', async () => {
  const { code, err, out } = await call('trian');
  expect(code).toBe(2);
  expect(out).toEqual([]);
  expect(err.join(' ')).toMatch(/"trian".*doctor, analyze.*train.*\[USAGE\]/);
});

test('an unknown option ends with 2 and names it', async () => {
  const { code, err } = await call('analyze', 'model', '--treshold', '0.1');
  expect(code).toBe(2);
  expect(err.join(' ')).toContain('--treshold');
});

test('a missing positional argument ends with 2 and shows the usage', async () => {
  const { code, err } = await call('evaluate', '--data', 'x.jsonl');
  expect(code).toBe(2);
  expect(err.join(' ')).toContain('sara evaluate MODEL|RUN --data FILE');
});

test('--version writes the version alone', async () => {
  expect(await call('--version')).toMatchObject({ code: 0, out: ['9.8.7'] });
});

test('no arguments show the commands and end with 2, help shows them and ends with 0', async () => {
  expect((await call()).code).toBe(2);
  expect((await call('--help')).code).toBe(0);
});

/** A tenth more with each thread. */
const slowGain: CommandLine['rateWith'] = async (threads) =>
  Promise.resolve({ threads, flopsPerSecond: 1e10 * (1 + threads / 10), device: 'cpu', tensorflowVersion: '2.18.1' });

test('sara doctor --measure measures each number of threads, marks the chosen one and keeps it', async () => {
  const cache = mkdtempSync(path.join(os.tmpdir(), 'sara-cache-'));
  vi.stubEnv('SARA_CACHE', cache);
  vi.stubEnv('OMP_NUM_THREADS', undefined);
  vi.stubEnv('TF_NUM_INTRAOP_THREADS', undefined);
  try {
    const { code, out } = await callWith(slowGain, 'doctor', '--measure');
    expect(code).toBe(0);
    expect(out[0]).toMatch(/^1 thread: 11.0 GFLOP\/s/);
    expect(out.filter((line) => line.endsWith('(chosen)'))).toHaveLength(1);
    const json = await callWith(slowGain, 'doctor', '--measure', '--json');
    const kept: unknown = JSON.parse(readFileSync(path.join(cache, 'thread-speed.json'), 'utf8'));
    expect(kept).toMatchObject({ version: 1, ...(JSON.parse(json.out[0] ?? '') as object) });
  } finally {
    vi.unstubAllEnvs();
    rmSync(cache, { recursive: true });
  }
});

test('sara doctor --measure measures nothing where the environment decides the threads', async () => {
  vi.stubEnv('OMP_NUM_THREADS', '1');
  vi.stubEnv('TF_NUM_INTRAOP_THREADS', undefined);
  try {
    const never: CommandLine['rateWith'] = async () => Promise.reject(new Error('it was measured'));
    const { code, err } = await callWith(never, 'doctor', '--measure');
    expect(code).toBe(2);
    expect(err.join(' ')).toMatch(/OMP_NUM_THREADS=1.*nothing was measured.*\[USAGE\]/);
  } finally {
    vi.unstubAllEnvs();
  }
});
