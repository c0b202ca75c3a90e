import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { methodSchema } from '../../../src-main/contract/methods.schema.ts';
import { bytesPerValue } from '../../../src-main/contract/weightPrecision.ts';
import { estimateMemory } from '../../../src-main/estimate/memory.ts';
import { tokenCounts } from '../../../src-main/estimate/modelCost.ts';
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
      notes: [calculated7B()],
    };
  },
};

/** What a 7B model takes by the estimate that the app shows before a training: no machine at hand could hold it. */
function calculated7B(): string {
  const [layers, hiddenSize, intermediateSize, vocabularySize] = [32, 4096, 11_008, 32_000];
  const modules = 7;
  const rank = 8;
  const tokens = 2048;
  const linear = 4 * hiddenSize ** 2 + 3 * hiddenSize * intermediateSize;
  const values = layers * linear + 2 * vocabularySize * hiddenSize;
  const { weights, adapters, optimizer, activations } = estimateMemory({
    cost: {
      layers,
      hiddenSize,
      intermediateSize,
      vocabularySize,
      heads: 32,
      queryWidth: hiddenSize,
      keyWidth: hiddenSize,
      headNormWidth: 0,
      linear: layers * linear,
    },
    weights: { kept: bytesPerValue('stored', 'BF16') * values, unpacked: 4 * vocabularySize * hiddenSize },
    trainable: layers * rank * (4 * 2 * hiddenSize + 3 * (hiddenSize + intermediateSize)),
    frozenValues: 0,
    keptByAdapters: layers * modules * rank,
    batch: tokenCounts([{ tokens, lossTokens: tokens, shared: 0 }], 1),
    activationCheckpointing: true,
  });
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(2);
  const total = weights + adapters + optimizer + activations;
  return `Calculated, not measured (src-main/estimate/memory.ts): a LLaMA of 7 billion parameters (32 layers, hidden size 4096) kept as bfloat16, LoRA of rank 8 on all projections, one sequence of ${tokens} tokens with loss on all of them, recomputation on, takes ${gigabytes(weights)} GB for the weights, ${gigabytes(adapters + optimizer)} GB for adapters and optimizer and ${gigabytes(activations)} GB for activations and one weight made float32: ${gigabytes(total)} GB of a GPU’s 24.`;
}
