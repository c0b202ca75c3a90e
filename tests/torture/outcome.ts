/** What is compared of two runs: everything that must not depend on whether they were disturbed. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { checkpointFolder, checkpointSteps, openCheckpoint } from '../../src-main/runs/checkpoints.ts';
import { readEvents } from '../../src-main/runs/runEvents.ts';
import { readRun } from '../../src-main/runs/runFolder.ts';

/** Sentences by name; equal outcomes have equal sentences. */
export type Outcome = Readonly<Record<string, string>>;

/** Losses, what was learnt, held-out rows, kept checkpoints and the bytes of their tensors. */
export async function outcomeOfRun(run: string): Promise<Outcome> {
  const { state, step, best, last, baseLoss, ranks, trainable, totalSteps } = await readRun(run);
  const events = await readEvents(run, 1_000_000);
  const told = events.flatMap((event): unknown[] => {
    if (event.event === 'step') return [[event.step, event.loss, event.lr, event.gradNorm, event.tokens]];
    return ['eval', 'learnt', 'ranks', 'sample'].includes(event.event) ? [event] : [];
  });
  const steps = await checkpointSteps(run);
  const outcome: Record<string, string> = {
    record: JSON.stringify({ state, step, best, last, baseLoss, ranks, trainable, totalSteps }),
    events: JSON.stringify(told),
    checkpoints: steps.join(', '),
  };
  for (const kept of steps) {
    const { state: content } = await openCheckpoint(run, kept);
    const { elapsedSeconds: _time, ...rest } = content;
    outcome[`state of step ${String(kept)}`] = JSON.stringify(rest);
    for (const name of ['adapter.safetensors', 'optimizer.safetensors']) {
      outcome[`${name} of step ${String(kept)}`] = hashOf(path.join(checkpointFolder(run, kept), name));
    }
  }
  for (const name of ['frozen.safetensors', ...samplesIn(run)]) {
    const file = path.join(run, name);
    if (existsSync(file)) outcome[name] = hashOf(file);
  }
  return outcome;
}

function samplesIn(run: string): string[] {
  const folder = path.join(run, 'samples');
  return existsSync(folder) ? readdirSync(folder).map((name) => path.join('samples', name)) : [];
}

/** Every file of an export but its report and card, which hold the time it took and its name. */
export function outcomeOfExport(target: string): Outcome {
  const names = readdirSync(target).filter((name) => !['export_report.json', 'README.md'].includes(name));
  return Object.fromEntries(names.sort().map((name) => [name, hashOf(path.join(target, name))]));
}

/** Spectra as `sara analyze --json` gives them. */
export function outcomeOfAnalysis(stdout: string): Outcome {
  const { seconds: _time, cached: _cached, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  return { spectra: JSON.stringify(rest) };
}

/** The parts in which two outcomes differ. */
export function differences(expected: Outcome, found: Outcome): string[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...names].filter((name) => expected[name] !== found[name]);
}

/** Names in a run folder that are no part of a run. */
export function strangersIn(run: string): string[] {
  const own = new Set(['run.json', 'metrics.jsonl', 'checkpoints', 'exports.jsonl', 'samples', 'frozen.safetensors']);
  const inside = readdirSync(path.join(run, 'checkpoints')).filter((name) => !/^step-\d+$/.test(name));
  const samples = samplesIn(run).filter((name) => !/[/\\](best|last|start)\.json$/.test(name));
  return [...readdirSync(run).filter((name) => !own.has(name)), ...inside, ...samples];
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
