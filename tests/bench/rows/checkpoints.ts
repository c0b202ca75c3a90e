import { comparison } from '../comparison.ts';
import { trainConfig } from '../context.ts';
import { inTurn } from '../inTurn.ts';
import { dataConfig, dataExamples, sampleModel } from '../materials.ts';
import type { Row } from './row.ts';

/** A usual distance between saves; the Trainer's default is 500. */
const stepsBetween = 100;

export const checkpoints: Row = {
  id: 'checkpoints',
  title: 'Checkpoints during training',
  about: `A save of adapter (LoRA of rank 8) and optimizer while SmolLM2-135M trains on E2E in batches of 8: ours with every file synced to the disk, hashed and renamed; the peer's save_pretrained() and torch.save() without. The share is that of one save in the time of ${stepsBetween} steps.`,
  async run(bench) {
    const model = await sampleModel(bench);
    const input = dataConfig(bench, model, 'e2e', 48);
    const examples = await dataExamples(bench, input, 'e2e-checkpoint');
    const config = trainConfig({ ...input, saveEvery: 2 });
    const job = { kind: 'checkpoint', config, examples, folder: bench.folder } as const;
    const turns = await inTurn(bench, job, { warmup: 0, rounds: bench.quick ? 1 : 3, tolerance: 0 });
    return {
      comparisons: [
        comparison({
          name: `share of ${stepsBetween} steps`,
          unit: '%',
          kind: 'cost',
          ours: turns.ours.map(({ seconds, extra }) => (100 * seconds) / (stepsBetween * (extra?.['step'] ?? NaN))),
          goal: { of: 'value', limit: 2 },
        }),
        comparison({
          name: 'one save',
          unit: 's',
          kind: 'cost',
          ours: turns.ours.map(({ seconds }) => seconds),
          peer: turns.peer.map(({ seconds }) => seconds),
        }),
      ],
    };
  },
};
