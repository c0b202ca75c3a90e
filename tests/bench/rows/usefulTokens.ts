import { comparison, rates } from '../comparison.ts';
import { trainConfig } from '../context.ts';
import { inTurn } from '../inTurn.ts';
import { dataConfig, dataExamples, sampleModel, type DataSet } from '../materials.ts';
import type { Row } from './row.ts';

const megabyte = 1e6;

function usefulTokens(data: DataSet, name: string, rowCount: number): Row {
  return {
    id: `useful-${data}`,
    title: `Training on ${name}`,
    about: `SmolLM2-135M, LoRA of rank 8 on all projections, one epoch over ${rowCount} rows of ${name} in batches of 8, chat template, loss on answers alone. Ours is the training operation of the app and the command line with its defaults; the peer is the loop of transformers' Trainer: shuffled rows padded to the longest of their batch, logits of all positions. Counted are tokens of rows, not padding.`,
    async run(bench) {
      const model = await sampleModel(bench);
      const config = dataConfig(bench, model, data, rowCount);
      const examples = await dataExamples(bench, config, data);
      const job = { kind: 'epoch', config: trainConfig(config), examples, runs: bench.folder } as const;
      const turns = await inTurn(bench, job, {
        warmup: 0,
        rounds: bench.quick ? 2 : 3,
        tolerance: 1e-4,
      });
      const tokens = Number(turns.ours[0]?.values['tokens']);
      return {
        comparisons: [
          comparison({
            name: `${name}, useful tokens`,
            unit: 'tokens/s',
            kind: 'rate',
            ours: rates(turns.ours, tokens),
            peer: rates(turns.peer, tokens),
            goal: { of: 'ratio', limit: 2.5 },
            checked: turns.checked,
          }),
          comparison({
            name: `${name}, peak memory`,
            unit: 'MB',
            kind: 'cost',
            ours: [turns.peakOurs / megabyte],
            peer: [turns.peakPeer / megabyte],
            goal: { of: 'ratio', limit: 0.45 },
          }),
        ],
      };
    },
  };
}

export const usefulE2e = usefulTokens('e2e', 'E2E', 64);
export const usefulGsm8k = usefulTokens('gsm8k', 'GSM8K', 32);
