import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { methodSchema } from '../../../src-main/contract/methods.schema.ts';
import { agreementOfRounds, describeAgreement } from '../agreement.ts';
import { comparison } from '../comparison.ts';
import type { JobOf } from '../jobs.ts';
import { randomModel, randomRows } from '../materials.ts';
import { trainAlone } from '../peakMemory.ts';
import type { Row } from './row.ts';

/** TinyLlama's dimensions. */
const size = {
  layers: 22,
  hidden: 2048,
  intermediate: 5632,
  heads: 32,
  kvHeads: 4,
  vocabulary: 32_000,
  type: 'bfloat16',
} as const;

const tolerance = 1e-3;

export const largeModel: Row = {
  id: 'large-model',
  title: 'A model of 1.1 billion parameters',
  about:
    'A LLaMA of 1.1 billion random parameters, stored as bfloat16 (22 layers, hidden size 2048), LoRA of rank 8 on all projections, one sequence of 256 tokens, recomputation on: largest resident memory of a process that loads it and takes two steps. The peer loads it in float32 with gradient checkpointing.',
  async run(bench) {
    const examples = path.join(bench.folder, 'random-tokens.json');
    writeFileSync(examples, JSON.stringify({ examples: randomRows(1, 256, size.vocabulary) }));
    const job: JobOf<'training'> = {
      kind: 'training',
      model: await randomModel(bench, size),
      method: methodSchema.parse({ name: 'lora', rank: 8, alpha: 16 }),
      start: path.join(bench.folder, 'start-random.safetensors'),
      examples,
      batchSize: 1,
      learningRate: 1e-4,
      recompute: true,
    };
    const steps = bench.quick ? 1 : 2;
    const ours = await trainAlone(bench, 'ours', job, steps);
    const peer = await trainAlone(bench, 'peer', job, steps);
    const checked = describeAgreement(agreementOfRounds(ours.outcomes, peer.outcomes, tolerance), tolerance);
    const seconds = (outcomes: typeof ours.outcomes): number[] => outcomes.map((outcome) => 256 / outcome.seconds);
    return {
      comparisons: [
        comparison({
          name: 'peak memory',
          unit: 'MB',
          kind: 'cost',
          ours: [ours.peakBytes / 1e6],
          peer: [peer.peakBytes / 1e6],
          goal: { of: 'value', limit: 8000 },
          checked,
        }),
        comparison({
          name: 'speed',
          unit: 'tokens/s',
          kind: 'rate',
          ours: seconds(ours.outcomes),
          peer: seconds(peer.outcomes),
        }),
      ],
    };
  },
};
