import path from 'node:path';
import { methodSchema } from '../../../src-main/contract/methods.schema.ts';
import { comparison, rates } from '../comparison.ts';
import type { JobOf } from '../jobs.ts';
import { inTurn } from '../inTurn.ts';
import { fixedBlocks, sampleModel } from '../materials.ts';
import type { Row } from './row.ts';

/** SARA's budget at this m is that of LoRA of rank 8 on SmolLM2-135M. */
const threshold = 0.035;

export const trainedMethods = [
  { name: 'LoRA r 8', config: methodSchema.parse({ name: 'lora', rank: 8, alpha: 16 }) },
  { name: `SARA m = ${threshold}`, config: methodSchema.parse({ name: 'sara', threshold }) },
];

export const training: Row = {
  id: 'training',
  title: 'Training, fixed batch',
  about:
    'Forward and backward pass, clipping and AdamW over 4 × 256 tokens without padding, loss on every token, adapters on all seven projections of all 30 layers, float32. The peer is transformers with PEFT; SARA, which PEFT does not have, is written in PyTorch.',
  async run(bench) {
    const model = await sampleModel(bench);
    const examples = await fixedBlocks(bench, model);
    const comparisons = [];
    for (const { name, config } of trainedMethods) {
      bench.say(`  ${name}`);
      const job: JobOf<'training'> = {
        kind: 'training',
        model,
        method: config,
        start: path.join(bench.folder, `start-${config.name}.safetensors`),
        examples,
        batchSize: 4,
        learningRate: 1e-4,
        recompute: false,
      };
      const turns = await inTurn(bench, job, {
        warmup: bench.quick ? 1 : 2,
        rounds: bench.quick ? 3 : 10,
        tolerance: 1e-3,
      });
      comparisons.push(
        comparison({
          name: `${name}, 4 × 256`,
          unit: 'tokens/s',
          kind: 'rate',
          ours: rates(turns.ours, 1024),
          peer: rates(turns.peer, 1024),
          goal: { of: 'ratio', limit: 1.25 },
          checked: turns.checked,
        }),
      );
    }
    return { comparisons };
  },
};
