import { expect, test } from 'vitest';
import type { JobEvent, JobKind } from '../../../src-main/contract/jobs.ts';
import { JobProgress } from '../../../src-main/jobs/jobProgress.ts';

/** A job after events that come a second apart. */
function after(kind: JobKind, events: readonly JobEvent['event'][]): JobProgress['current'] {
  const progress = new JobProgress(0);
  events.forEach((event, i) => progress.follow({ jobId: 'j', kind, seq: i + 1, event }, 1_000 * (i + 1)));
  return progress.current;
}

const preparing = { event: 'phase', phase: 'preparing', fraction: 11 / 40, op: 12, total: 40 } as const;
const told = { phase: 'Preparing the GPU', done: 10, total: 40 };
const matrix = { name: 'm', layer: 0, module: 'q', shape: [1, 1] as const, singularValues: new Float32Array(1) };

test.each(['train.run', 'train.resume', 'study.run', 'sweep.run'] as const)(
  'the preparation of a GPU is a phase of %s',
  (kind) => {
    expect(after(kind, [preparing]).phase).toBe('preparing');
  },
);

test('a training tells how far the preparation is, and begins the next phase without that', () => {
  expect(after('train.run', [preparing]).fraction).toBeCloseTo(11 / 40);
  expect(after('train.run', [preparing, { event: 'phase', phase: 'loading' }])).toEqual({ phase: 'loading' });
});

test.each(['analysis.run', 'generate.run', 'evaluate.run'] as const)('%s counts the ops that are prepared', (kind) => {
  expect(after(kind, [told])).toMatchObject({ phase: 'Preparing the GPU', fraction: 0.25 });
});

test('an analysis counts its matrices after the preparation', () => {
  // Bug: the share of ops taken for one of matrices.
  const done = after('analysis.run', [told, { done: 1, total: 2, matrix }]);
  expect(done).toMatchObject({ phase: 'analysing', fraction: 0.5 });
});

test('an answer does not seem to be prepared for ever', () => {
  expect(after('generate.run', [told, { text: 'Once' }])).toEqual({ phase: 'answering' });
  expect(after('generate.run', [{ text: 'Once' }])).toEqual({});
});
