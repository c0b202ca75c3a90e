import { agreementOfRounds, describeAgreement } from '../agreement.ts';
import { comparison } from '../comparison.ts';
import { trainAlone } from '../peakMemory.ts';
import { fixedBatchJob, lora } from './training.ts';
import type { Row } from './row.ts';

const megabyte = 1e6;
const tolerance = 1e-3;

export const memory: Row = {
  id: 'memory',
  title: 'Peak memory of training',
  about:
    'The training of the fixed batch (4 × 256, LoRA of rank 8), each in a process of its own: largest resident memory of the process tree from its start to the end of the third step. Recomputation is activation checkpointing on our side and gradient checkpointing on the peer’s.',
  async run(bench) {
    const plain = await fixedBatchJob(bench, lora.config);
    const steps = bench.quick ? 2 : 3;
    const measured = {
      ours: await trainAlone(bench, 'ours', plain, steps),
      peer: await trainAlone(bench, 'peer', plain, steps),
      oursAgain: await trainAlone(bench, 'ours', { ...plain, recompute: true }, steps),
      peerAgain: await trainAlone(bench, 'peer', { ...plain, recompute: true }, steps),
    };
    const checked = (side: keyof typeof measured): string =>
      describeAgreement(agreementOfRounds(measured[side].outcomes, measured.peer.outcomes, tolerance), tolerance);
    const pair = (name: string, ours: 'ours' | 'oursAgain', peer: 'peer' | 'peerAgain', limit?: number) =>
      comparison({
        name,
        unit: 'MB',
        kind: 'cost',
        ours: [measured[ours].peakBytes / megabyte],
        peer: [measured[peer].peakBytes / megabyte],
        ...(limit === undefined ? {} : { goal: { of: 'ratio', limit } }),
        checked: checked(ours),
      });
    return {
      comparisons: [
        pair('as it is', 'ours', 'peer', 0.45),
        pair('ours recomputes', 'oursAgain', 'peer', 0.25),
        pair('both recompute', 'oursAgain', 'peerAgain'),
      ],
    };
  },
};
