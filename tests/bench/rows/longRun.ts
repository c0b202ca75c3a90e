import path from 'node:path';
import { comparison } from '../comparison.ts';
import { trainConfig } from '../context.ts';
import { once } from '../inTurn.ts';
import { summarise } from '../statistics.ts';
import type { Row } from './row.ts';

const every = 100;
/** The heap of JavaScript and the allocator have settled by then. */
const settled = 1000;

export const longRun: Row = {
  id: 'long-run',
  title: 'Memory over 10,000 steps',
  about:
    'stories260K, SARA at m = 0.1, 10,000 optimizer steps of one row of at most 256 tokens with the training operation: resident memory and tensors alive after every 100th step. Growth is the median of the last 1,000 steps less the median between steps 1,000 and 2,000, when the heap has settled; resident memory swings with the collector of garbage, hence also the growth of the largest value.',
  async run(bench) {
    const steps = bench.quick ? 4000 : 10_000;
    const samples = path.join(bench.root, 'resources', 'samples');
    const config = trainConfig({
      model: path.join(samples, 'stories260K'),
      data: {
        path: path.join(samples, 'e2e', 'train.jsonl'),
        validationShare: 0,
        template: 'plain',
        completionOnly: false,
      },
      method: { name: 'sara', threshold: 0.1 },
      steps,
      batchSize: 1,
      sequenceLength: 256,
      lengthBuckets: false,
    });
    const { lists = {}, extra } = await once(bench, {
      kind: 'long',
      config,
      run: path.join(bench.folder, 'long-run'),
      every,
    });
    const { steps: at = [], resident = [], tensors = [] } = lists;
    const between = (values: readonly number[], from: number, to: number): number[] =>
      values.filter((_, i) => (at[i] ?? 0) >= from && (at[i] ?? 0) <= to);
    const growth = (values: readonly number[], of: 'median' | 'maximum'): number =>
      summarise(between(values, steps - settled, steps))[of] - summarise(between(values, settled, 2 * settled))[of];
    return {
      comparisons: [
        comparison({
          name: 'growth of memory',
          unit: 'MB',
          kind: 'cost',
          ours: [growth(resident, 'median') / 1e6],
          goal: { of: 'value', limit: 16 },
        }),
        comparison({
          name: 'growth of its largest value',
          unit: 'MB',
          kind: 'cost',
          ours: [growth(resident, 'maximum') / 1e6],
        }),
        comparison({
          name: 'growth of tensors alive',
          unit: 'tensors',
          kind: 'cost',
          ours: [growth(tensors, 'maximum')],
          goal: { of: 'value', limit: 0 },
        }),
      ],
      charts: [
        {
          file: 'long-run-memory.svg',
          title: 'Resident memory over a long training',
          x: 'step',
          y: 'MB',
          linear: true,
          series: [{ name: 'SARA Studio', points: at.map((step, i) => [step, (resident[i] ?? 0) / 1e6] as const) }],
        },
      ],
      notes: [`${steps} steps took ${(extra?.['seconds'] ?? NaN).toFixed(0)} s.`],
    };
  },
};
