/**
 * `npm run fuzz -- [--format NAME]… [--inputs N] [--seed S] [--case S]`: hostile files of each kind, made from seeds by
 * programs that know its form, are used as the app uses them, in processes of their own with bounds of time and memory.
 * `--case` repeats one seed and keeps its files. Figures go to docs/reliability/fuzz.json and into RELIABILITY.md.
 */
import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cpuSecondsOf } from './cpuSeconds.ts';
import { formatNames, formatOf } from './formats.ts';
import { keepResult, type FormatResult } from './results.ts';
import { bounds, inputOf } from './trial.ts';
import type { Message } from './worker.ts';

const root = process.env['FUZZ_ROOT'] ?? process.cwd();
/** Inputs of one process; what it leaks would show in its memory. */
const perProcess = 20_000;
/** Without processor time and without an end: it waits for something that does not come. */
const idleSeconds = 60;
const heapMegabytes = 512;

interface Outcome {
  /** Seed after the last one tried. */
  readonly next: number;
  readonly accepted: number;
  readonly slowest: number;
  readonly slowestSeed: number;
  readonly peakBytes: number;
  readonly faults: readonly { seed: number; fault: string }[];
}

/** Lets a process try inputs, and ends it when one takes too long. */
async function tryInputs(format: string, first: number, count: number, folder: string): Promise<Outcome> {
  const mark = path.join(folder, 'mark');
  const child = fork(
    path.join(root, 'out', 'fuzz', 'worker.cjs'),
    [format, String(first), String(count), path.join(folder, 'input'), mark],
    { execArgv: [`--max-old-space-size=${String(heapMegabytes)}`], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  const faults: { seed: number; fault: string }[] = [];
  let done: Extract<Message, { kind: 'done' }> | undefined;
  let stderr = '';
  child.on('message', (message: Message) => {
    if (message.kind === 'done') done = message;
    else faults.push({ seed: message.seed, fault: message.fault });
  });
  child.stderr?.on('data', (data: Buffer) => (stderr = (stderr + data.toString()).slice(-2_000)));
  const watch = watchOver(child, mark);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('exit', (...end) => resolve(end));
  });
  const hang = watch.stop();
  if (done !== undefined) return { next: first + count, ...done, faults };
  const { seed, accepted } = markOf(mark);
  if (seed < 0) throw new Error(`The process for ${format} did not begin: ${stderr}`);
  // A fault of memory was told before the process ended itself.
  if (faults.every((fault) => fault.seed !== seed)) {
    const end =
      hang ??
      `the process ended with ${signal ?? `code ${String(code)}`}: ${stderr.trim().split('\n').slice(-3).join(' / ')}`;
    faults.push({ seed, fault: end });
  }
  return { next: seed + 1, accepted, slowest: 0, slowestSeed: -1, peakBytes: 0, faults };
}

/** Ends a process whose input takes three times the processor time it may, or does nothing for long. */
function watchOver(child: ChildProcess, mark: string): { stop(): string | undefined } {
  let hang: string | undefined;
  let at = { seed: -1, cpu: 0, since: performance.now() };
  const look = setInterval(() => {
    if (child.pid === undefined) return;
    const { seed } = markOf(mark);
    const cpu = cpuSecondsOf(child.pid);
    if (seed !== at.seed) at = { seed, cpu, since: performance.now() };
    else if (cpu - at.cpu > 3 * bounds.cpuSeconds)
      hang = `it was ended after ${(cpu - at.cpu).toFixed(1)} s of processor time`;
    else if (performance.now() - at.since > idleSeconds * 1000 && cpu - at.cpu < 0.1)
      hang = 'it waits for something that does not come';
    if (hang !== undefined) child.kill('SIGKILL');
  }, 200);
  return {
    stop() {
      clearInterval(look);
      return hang;
    },
  };
}

/** The seed at work, −1 where none has begun, and how many inputs before it were taken for sound. */
function markOf(mark: string): { readonly seed: number; readonly accepted: number } {
  try {
    const [seed = -1, accepted = 0] = readFileSync(mark, 'utf8').trim().split(' ').map(Number);
    return { seed, accepted };
  } catch {
    return { seed: -1, accepted: 0 };
  }
}

async function fuzzFormat(format: string, first: number, inputs: number): Promise<FormatResult> {
  // In memory where the system has such a place: hundreds of thousands of small files.
  const base = process.platform === 'linux' ? '/dev/shm' : os.tmpdir();
  const folder = mkdtempSync(path.join(base, 'sara-fuzz-'));
  const begun = performance.now();
  const result: FormatResult = {
    format,
    firstSeed: first,
    inputs,
    accepted: 0,
    slowestSeconds: 0,
    slowestSeed: -1,
    peakMegabytes: 0,
    minutes: 0,
    faults: [],
  };
  for (let seed = first; seed < first + inputs;) {
    const outcome = await tryInputs(format, seed, Math.min(perProcess, first + inputs - seed), folder);
    seed = outcome.next;
    result.accepted += outcome.accepted;
    if (outcome.slowest > result.slowestSeconds) {
      result.slowestSeconds = outcome.slowest;
      result.slowestSeed = outcome.slowestSeed;
    }
    result.peakMegabytes = Math.max(result.peakMegabytes, Math.round(outcome.peakBytes / 2 ** 20));
    for (const fault of outcome.faults) {
      process.stdout.write(`${format}, seed ${String(fault.seed)}: FAULT: ${fault.fault}\n`);
      result.faults.push(fault);
    }
    if (result.faults.length > 100) break;
  }
  result.minutes = (performance.now() - begun) / 60_000;
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(
    `${format}: ${String(inputs)} inputs, seeds from ${String(first)}, ${String(result.accepted)} taken for sound, ${String(result.faults.length)} faults, ` +
      `slowest ${result.slowestSeconds.toFixed(2)} s (seed ${String(result.slowestSeed)}), ${String(result.peakMegabytes)} MB, ${result.minutes.toFixed(1)} minutes\n`,
  );
  return result;
}

/** Lays the files of one input down and tries it. */
async function repeat(format: string, seed: number): Promise<number> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sara-fuzz-case-'));
  const files = inputOf(await formatOf(format, root), seed);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, 'files', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const { faults } = await tryInputs(format, seed, 1, folder);
  process.stdout.write(
    `${format}, seed ${String(seed)}: ${faults[0]?.fault ?? 'no fault'}; files in ${folder}/files\n`,
  );
  return faults.length === 0 ? 0 : 1;
}

async function campaign(): Promise<number> {
  const { values } = parseArgs({
    options: {
      format: { type: 'string', multiple: true, default: [...formatNames] },
      inputs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      case: { type: 'string' },
    },
  });
  if (values.case !== undefined) return repeat(values.format[0] ?? '', Number(values.case));
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  let faults = 0;
  for (const format of values.format) {
    const result = await fuzzFormat(format, Number(values.seed), Number(values.inputs));
    faults += result.faults.length;
    if (Number(values.inputs) >= 100_000) keepResult(root, commit, result);
  }
  return faults === 0 ? 0 : 1;
}

void campaign().then((code) => {
  process.exitCode = code;
});
