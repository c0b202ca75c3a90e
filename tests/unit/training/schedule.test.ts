import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { learningRate } from '../../../src-main/training/schedule.ts';

const loop = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../golden/fixtures/more/llama-loop/lora.json'), 'utf8'),
) as { lrs: number[] };

describe('learningRate', () => {
  it('gives the rates of transformers for a linear schedule with warm-up', () => {
    const rates = loop.lrs.map((_, step) =>
      learningRate(step, { schedule: 'linear', peak: 5e-3, warmup: 5, total: 30 }),
    );
    rates.forEach((rate, step) => expect(rate, `step ${String(step)}`).toBeCloseTo(loop.lrs[step] ?? NaN, 12));
  });

  it('holds the peak after warm-up when constant', () => {
    const rates = [0, 1, 2, 3, 99].map((step) =>
      learningRate(step, { schedule: 'constant', peak: 1, warmup: 2, total: 100 }),
    );
    expect(rates).toEqual([0, 0.5, 1, 1, 1]);
  });

  it('falls along half a cosine: half the peak in the middle, nearly 0 at the last step', () => {
    const rate = (step: number): number => learningRate(step, { schedule: 'cosine', peak: 2, warmup: 10, total: 110 });
    expect(rate(10)).toBe(2);
    expect(rate(60)).toBeCloseTo(1, 12);
    expect(rate(109)).toBeCloseTo(1 + Math.cos((99 / 100) * Math.PI), 12);
  });

  it('starts at the peak without warm-up', () => {
    for (const schedule of ['constant', 'linear', 'cosine'] as const) {
      expect(learningRate(0, { schedule, peak: 3, warmup: 0, total: 7 })).toBe(3);
    }
  });

  it('stays finite when warm-up is as long as the run', () => {
    expect(learningRate(4, { schedule: 'linear', peak: 1, warmup: 5, total: 5 })).toBeCloseTo(0.8, 12);
  });
});
