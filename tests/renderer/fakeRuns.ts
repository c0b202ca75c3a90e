/** Runs, the queue and kept conversations for a window without a main process. Never part of the product. */
import type { Comparison } from '../../src-main/contract/comparison.schema.ts';
import type { QueueEntry } from '../../src-main/contract/queue.schema.ts';
import type { QueueState } from '../../src-main/contract/queue.ts';
import type { RouteInput, RouteName, RouteOutput, RunCurves, WindowEvents } from '../../src-main/contract/routes.ts';
import { trainConfigSchema } from '../../src-main/contract/requests.schema.ts';

type Routes =
  | 'runs.annotate'
  | 'runs.curves'
  | 'run.checkpoints'
  | 'data.heldOut'
  | Extract<RouteName, `queue.${string}` | `comparisons.${string}`>;
type Push = <N extends keyof WindowEvents>(name: N, payload: WindowEvents[N]) => void;

/** A run that gets better by `gain` over its steps. */
function curvesOf(run: string, points: number): RunCurves {
  const count = Math.min(points, 24);
  const gain = run.endsWith('1') ? 0.9 : 0.6;
  const step = Array.from({ length: count }, (_, i) => i + 1);
  return {
    run,
    step,
    loss: step.map((s) => 2.4 - gain * (1 - Math.exp(-s / 8))),
    lr: step.map((s) => 3e-3 * (1 - s / 25)),
    gradNorm: step.map((s) => 1 + 1 / s),
    tokensPerSecond: step.map(() => 900),
    tokens: step.map((s) => s * 512),
    elapsedSeconds: step.map((s) => s * 0.6),
    validation: { step: [0, count], loss: [2.5, 2.5 - gain] },
  };
}

export function runRoutes(push: Push): { [R in Routes]: (input: RouteInput<R>) => RouteOutput<R> } {
  const kept = new Map<string, Comparison>();
  let queue: QueueState = { waiting: [], held: true, finished: 0 };
  let next = 1;
  const changed = (change: Partial<QueueState>): QueueState => {
    queue = { ...queue, ...change };
    push('queue.changed', queue);
    return queue;
  };
  return {
    'runs.annotate': ({ notes }) => ({ tags: notes.tags ?? [], note: notes.note ?? '' }),
    'runs.curves': ({ runs, points }) => runs.map((run) => curvesOf(run, points)),
    'run.checkpoints': () => [
      { step: 16, best: true, last: false },
      { step: 24, best: false, last: true },
    ],
    'data.heldOut': ({ count }) =>
      Array.from({ length: Math.min(count ?? 20, 5) }, (_, i) => ({
        row: i + 1,
        question: `name: Place ${i + 1}`,
        answer: `Place ${i + 1} is a pub.`,
      })),
    'queue.get': () => queue,
    'queue.add': (training) => {
      const request: QueueEntry['request'] =
        training.kind === 'train.resume'
          ? training
          : { kind: 'train.run', input: { config: trainConfigSchema.parse(training.input.config) } };
      const entry: QueueEntry = { id: `entry-${next++}`, request, addedAt: '2026-11-23T10:00:00.000Z' };
      changed({ waiting: [...queue.waiting, entry] });
      return { id: entry.id };
    },
    'queue.move': ({ id, to }) => {
      const entry = queue.waiting.find((one) => one.id === id);
      if (entry === undefined) return { moved: false };
      const others = queue.waiting.filter((one) => one.id !== id);
      changed({ waiting: [...others.slice(0, to), entry, ...others.slice(to)] });
      return { moved: true };
    },
    'queue.remove': ({ id }) => {
      changed({ waiting: queue.waiting.filter((one) => one.id !== id) });
      return { removed: true };
    },
    'queue.hold': ({ held }) => changed({ held }),
    'comparisons.list': () =>
      [...kept].map(([id, { name, savedAt, turns }]) => ({ id, name, savedAt, turns: turns.length })),
    'comparisons.open': ({ id }) => {
      const comparison = kept.get(id);
      if (comparison === undefined) throw new Error(`No comparison ${id}`);
      return comparison;
    },
    'comparisons.save': ({ id, comparison }) => {
      kept.set(id, { ...comparison, version: 1 });
      return { saved: true };
    },
    'comparisons.delete': ({ id }) => ({ deleted: kept.delete(id) as true }),
  };
}
