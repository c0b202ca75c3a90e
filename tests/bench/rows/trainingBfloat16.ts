import { comparison, rates } from '../comparison.ts';
import { inTurn } from '../inTurn.ts';
import { fixedBatchJob, lora } from './training.ts';
import type { Row } from './row.ts';

export const trainingBfloat16: Row = {
  id: 'training-bfloat16',
  title: 'Training with products in bfloat16',
  about:
    'The training of the fixed batch with LoRA of rank 8, products of matrices in bfloat16 on both sides: ours with the setting `products`, the peer with torch.autocast. Weights, norms, softmax, loss, adapters and optimizer are float32 on our side.',
  async run(bench) {
    const job = { ...(await fixedBatchJob(bench, lora.config)), products: 'bfloat16' } as const;
    // The peer also adds and multiplies in bfloat16: its gradient norm is 5 % off its own in float32 after one step already.
    const turns = await inTurn(bench, job, { warmup: 2, rounds: bench.quick ? 3 : 8, tolerance: 0.2 });
    return {
      comparisons: [
        comparison({
          name: lora.name,
          unit: 'tokens/s',
          kind: 'rate',
          ours: rates(turns.ours, 1024),
          peer: rates(turns.peer, 1024),
          checked: turns.checked,
        }),
      ],
    };
  },
};
