import { sweepSchema } from '../../src-main/contract/sweeps.schema.ts';
import type { SweepResult, Trial } from '../../src-main/contract/sweeps.ts';
import type { TargetEntry, TargetReport } from '../../src-main/contract/targets.ts';
import { planTrials } from '../../src-main/sweeps/planTrials.ts';

/** A sweep of two settings and three seeds, all of it done but what halving has stopped. */
export function sweepResult(folder: string): SweepResult {
  const sweep = sweepSchema.parse({
    name: 'rates',
    config: {
      model: '/home/mara/models/SmolLM2-135M-Instruct.gguf',
      data: { path: '/home/mara/data/e2e.jsonl' },
      method: { name: 'sara' },
      steps: 24,
    },
    space: { 'method.threshold': { values: [0.02, 0.05, 0.1] }, learningRate: { values: [3e-4, 1e-3, 3e-3] } },
    seeds: [0, 1, 2],
    stopping: { grace: 8, reduction: 3 },
  });
  const trials = planTrials(sweep).map(({ config, ...plan }): Trial => {
    const threshold = config.method.name === 'sara' ? config.method.threshold : 0;
    const loss =
      1.39 + 0.11 * Math.abs(Math.log10(config.learningRate) + 2.9) + 0.4 * (0.1 - threshold) + 0.006 * plan.seed;
    const stopped = loss > 1.48;
    const steps = stopped ? [8] : [8, 16, 24];
    return {
      ...plan,
      state: stopped ? 'stopped' : 'done',
      step: stopped ? 8 : 24,
      totalSteps: 24,
      evaluations: steps.map((step) => ({ step, loss: loss + 0.3 / step })),
      baseLoss: 2.584,
      trainable: Math.round(70e6 * threshold),
      seconds: stopped ? 61 : 183,
    };
  });
  const at = '2026-11-23T09:12:00.000Z';
  return { version: 1, folder, sweep, createdAt: at, updatedAt: at, trials, complete: true };
}

/** The same before its first trial. */
export function waitingSweep(result: SweepResult): SweepResult {
  const trials = result.trials.map(({ number, group, seed, values, totalSteps }): Trial => {
    return { number, group, seed, values, state: 'waiting', step: 0, totalSteps, evaluations: [] };
  });
  return { ...result, trials, complete: false };
}

export const targetEntries: readonly TargetEntry[] = [
  { target: { name: 'lab', address: 'http://head.lab:8265', storage: '/shared/sara' }, token: 'saved' },
];

/** A cluster of which one node lacks something. */
export function targetReport(name: string): TargetReport {
  const node = { gpus: 1, memoryBytes: 128e9, platform: 'linux-x86_64', freeDiskBytes: 400e9 };
  return {
    name,
    rayVersion: '2.60.0',
    nodes: [
      { ...node, id: 'a', address: '10.0.0.1', cpus: 32, node: '22.11.0', ready: true },
      { ...node, id: 'b', address: '10.0.0.2', cpus: 32, ready: false, problem: 'Node.js is missing on this node.' },
    ],
    storage: { writable: true, freeBytes: 4e12 },
    open: false,
    fit: false,
    warnings: ['10.0.0.2: Node.js is missing on this node.'],
  };
}
