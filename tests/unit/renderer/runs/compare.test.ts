import { describe, expect, it } from 'vitest';
import { trainConfigSchema } from '../../../../src-main/contract/requests.schema.ts';
import type { RunCurves } from '../../../../src-main/contract/routes.ts';
import { compareLines } from '../../../../src-renderer/features/runs/compareLines.ts';
import { configDifference } from '../../../../src-renderer/features/runs/configDifference.ts';

const config = trainConfigSchema.parse({
  model: '/m/llama',
  data: { path: '/d/pairs.jsonl' },
  method: { name: 'sara', threshold: 0.1 },
});

describe('configDifference', () => {
  it('tells only what differs, group by group', () => {
    const other = trainConfigSchema.parse({
      ...config,
      data: { ...config.data, template: 'plain' },
      method: { name: 'lora', rank: 4 },
      learningRate: 2e-3,
      betas: [0.9, 0.98],
    });
    expect(configDifference([config, other])).toEqual([
      { group: 'data', rows: [{ key: 'data.template', values: ['chat', 'plain'] }] },
      {
        group: 'method',
        rows: expect.arrayContaining([
          { key: 'method.name', values: ['sara', 'lora'] },
          { key: 'method.threshold', values: [0.1, undefined] },
          { key: 'method.rank', values: [undefined, 4] },
        ]) as unknown,
      },
      { group: 'rate', rows: [{ key: 'learningRate', values: [3e-3, 2e-3] }] },
      { group: 'regular', rows: [{ key: 'betas', values: ['0.9, 0.999', '0.9, 0.98'] }] },
    ]);
  });

  it('has nothing to tell of runs with the same settings', () => {
    expect(configDifference([config, structuredClone(config)])).toEqual([]);
  });
});

describe('compareLines', () => {
  const curves: RunCurves = {
    run: '/runs/a',
    step: [1, 3, 5],
    loss: [3, 2, 1],
    lr: [0, 0, 0],
    gradNorm: [1, 1, 1],
    tokensPerSecond: [10, 10, 10],
    tokens: [100, 300, 500],
    elapsedSeconds: [60, 180, 300],
    validation: { step: [0, 4], loss: [4, 2.5] },
  };
  const [line] = compareLines([curves], 'loss', 'tokens', () => 'a');

  it('draws a curve over tokens seen or minutes', () => {
    expect([[...(line?.data.x ?? [])], [...(line?.data.y ?? [])]]).toEqual([
      [100, 300, 500],
      [3, 2, 1],
    ]);
    const [held] = compareLines([curves], 'validation', 'time', () => 'a');
    // Step 4 was thinned away: the next one that was kept tells when it was.
    expect([...(held?.data.x ?? [])]).toEqual([0, 5]);
  });

  // Would catch: two of twenty-four lines that look the same.
  it('gives every line a look of its own', () => {
    const lines = compareLines(
      Array.from({ length: 24 }, (_, i) => ({ ...curves, run: `/runs/${i}` })),
      'loss',
      'step',
      (run) => run,
    );
    expect(new Set(lines.map(({ colour, dash }) => `${colour} ${dash?.join(' ') ?? ''}`)).size).toBe(24);
  });
});
