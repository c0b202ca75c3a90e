import { comparison, rates } from '../comparison.ts';
import { inTurn, once } from '../inTurn.ts';
import { describeMachine } from '../machine.ts';
import { startsText } from '../text.ts';
import { fixedBatchJob, lora } from './training.ts';
import type { Row } from './row.ts';

export const gpu: Row = {
  id: 'gpu',
  title: 'Training on a GPU',
  about:
    'The training of the fixed batch where there is a CUDA GPU and libtensorflow’s CUDA build (`npm run setup -- --gpu`), with products in bfloat16, against PyTorch in bfloat16 on the same device.',
  async run(bench) {
    const { gpu: device } = describeMachine();
    if (device === null) return { comparisons: [], notes: ['This machine has no CUDA GPU: nothing was measured.'] };
    const { texts = {} } = await once(bench, { kind: 'start' });
    if (texts['device'] !== 'gpu') {
      return {
        comparisons: [],
        notes: [`There is a ${device}, but the engine does not use it: run npm run setup -- --gpu.`],
      };
    }
    const job = { ...(await fixedBatchJob(bench, lora.config)), products: 'bfloat16' } as const;
    const turns = await inTurn(
      bench,
      job,
      // bfloat16 keeps eight bits of each number.
      { warmup: 3, rounds: bench.quick ? 5 : 20, tolerance: 0.05 },
      // All the peer's values are bfloat16, which autocast would only repeat.
      { ...job, products: 'float32', peerDevice: { device: 'cuda', type: 'bfloat16' } },
    );
    return {
      comparisons: [
        comparison({
          name: device,
          unit: 'tokens/s',
          kind: 'rate',
          ours: rates(turns.ours, 1024),
          peer: rates(turns.peer, 1024),
          checked: turns.checked,
        }),
      ],
      notes: [startsText(turns.ours.at(-1)?.extra)],
    };
  },
};
