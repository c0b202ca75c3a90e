import { describe, expect, it } from 'vitest';
import type { JobEvent } from '../../../src-main/contract/jobs.ts';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import { JobEvents } from '../../../src-main/jobs/jobEvents.ts';

function step(number: number, loss: number): TrainEvent {
  const zero = { lr: 0, gradNorm: 0, tokensPerSecond: 0, rssBytes: 0, tokens: 0, elapsedSeconds: 0, etaSeconds: 0 };
  return { event: 'step', step: number, loss, ...zero };
}
const stepsOf = (events: readonly JobEvent[]): { step: number; loss: number }[] =>
  events.map((event) => event.event).filter((event) => 'loss' in event && 'lr' in event);

describe('JobEvents', () => {
  it('numbers events from 1 without gaps and gives those after a number', () => {
    const events = new JobEvents();
    const seqs = [1, 2, 3].map((n) => events.add('j', 'train.run', step(n, n)).seq);
    expect(seqs).toEqual([1, 2, 3]);
    expect(events.after(1).map((event) => event.seq)).toEqual([2, 3]);
    expect(events.after(3)).toEqual([]);
  });

  it('keeps at most 4,000 of 50,000 steps, spread over the whole run, with every peak', () => {
    const events = new JobEvents();
    const peaks = new Set([37, 20_011, 49_998]);
    for (let n = 1; n <= 50_000; n++) events.add('j', 'train.run', step(n, peaks.has(n) ? 99 : 1 + (n % 7) / 10));
    const kept = stepsOf(events.after(0));
    expect(kept.length).toBeLessThanOrEqual(4_000);
    expect(kept.filter(({ loss }) => loss === 99).map((s) => s.step)).toEqual([...peaks]);
    expect(kept.at(-1)?.step).toBe(50_000);
    // A thinning that halves the old part each time would leave almost nothing of the beginning.
    const quarter = kept.filter((s) => s.step <= 12_500).length;
    expect(quarter).toBeGreaterThan(300);
  });

  it('never thins evaluations, samples and the events of an analysis', () => {
    const training = new JobEvents();
    for (let n = 1; n <= 10_000; n++) {
      training.add('j', 'train.run', step(n, 1));
      if (n % 10 === 0) training.add('j', 'train.run', { event: 'eval', step: n, loss: 1, best: false });
    }
    expect(training.after(0).filter(({ event }) => 'best' in event)).toHaveLength(1_000);
    const analysis = new JobEvents();
    const matrix = { name: 'm', layer: 0, module: 'q', shape: [1, 1] as const, singularValues: new Float32Array(1) };
    for (let n = 1; n <= 5_000; n++) analysis.add('j', 'analysis.run', { done: n, total: 5_000, matrix });
    expect(analysis.after(0)).toHaveLength(5_000);
  });

  it('keeps of the progress within a phase only the latest', () => {
    const download = new JobEvents();
    for (let n = 1; n <= 1_000; n++) {
      download.add('j', 'model.fetchSample', { phase: n <= 900 ? 'downloading' : 'checking', done: n, total: 1_000 });
    }
    expect(download.after(0).map(({ seq, event }) => [seq, 'phase' in event && event.phase])).toEqual([
      [900, 'downloading'],
      [1_000, 'checking'],
    ]);
    const training = new JobEvents();
    training.add('j', 'train.run', { event: 'phase', phase: 'loading', fraction: 0.1 });
    training.add('j', 'train.run', { event: 'phase', phase: 'loading', fraction: 0.2 });
    training.add('j', 'train.run', step(1, 1));
    expect(training.after(0).map(({ seq }) => seq)).toEqual([2, 3]);
  });

  it.each([{ event: 'learnt', matrices: [] } as const, { event: 'ranks', budget: 9, ranks: [] } as const])(
    'keeps the latest of the $event events when it thins them',
    (event) => {
      const events = new JobEvents();
      for (let n = 1; n <= 1_001; n++) events.add('j', 'train.run', { ...event, step: n });
      const kept = events.after(0);
      expect(kept.length).toBeLessThanOrEqual(200);
      expect(kept.at(-1)?.seq).toBe(1_001);
    },
  );
});
