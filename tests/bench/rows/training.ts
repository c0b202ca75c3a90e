import path from 'node:path';
import { methodSchema } from '../../../src-main/contract/methods.schema.ts';
import type { MethodConfig } from '../../../src-main/contract/requests.schema.ts';
import { comparison, rates } from '../comparison.ts';
import type { BenchContext } from '../context.ts';
import { inTurn } from '../inTurn.ts';
import type { JobOf } from '../jobs.ts';
import { fixedBlocks, sampleModel } from '../materials.ts';
import type { Goal } from '../results.ts';
import type { Row } from './row.ts';

/** SARA's budget at this m is that of LoRA of rank 8 on SmolLM2-135M. */
const threshold = 0.035;

export const lora = { name: 'LoRA r 8', config: methodSchema.parse({ name: 'lora', rank: 8, alpha: 16 }) };
const sara = { name: `SARA m = ${threshold}`, config: methodSchema.parse({ name: 'sara', threshold }) };

/** Environment of our engine's allocator, which the peer may be given too. */
const allocator = {
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
  MALLOC_MMAP_THRESHOLD_: '33554432',
  MALLOC_TRIM_THRESHOLD_: '8589934592',
};

interface Variant {
  readonly name: string;
  readonly config: MethodConfig;
  readonly goal?: Goal;
  /** Of the peer. */
  readonly environment?: Readonly<Record<string, string>>;
}

const goal = { of: 'ratio', limit: 1.25 } as const;

const variants: readonly Variant[] = [
  { ...lora, goal },
  { ...sara, goal },
  { ...lora, name: `${lora.name}, peer with our allocator settings`, environment: allocator },
];

/** Steps over 4 × 256 tokens of SmolLM2. */
export async function fixedBatchJob(bench: BenchContext, method: MethodConfig): Promise<JobOf<'training'>> {
  const model = await sampleModel(bench);
  return {
    kind: 'training',
    model,
    method,
    start: path.join(bench.folder, `start-${method.name}.safetensors`),
    examples: await fixedBlocks(bench, model),
    batchSize: 4,
    learningRate: 1e-4,
    recompute: false,
  };
}

export const training: Row = {
  id: 'training',
  title: 'Training, fixed batch',
  about:
    'SmolLM2-135M: forward and backward pass, clipping and AdamW over 4 × 256 tokens without padding, loss on every token, adapters on all seven projections of all 30 layers, float32. The peer is transformers with PEFT; SARA, which PEFT does not have, is written in PyTorch. The last line gives the peer the allocator settings that the engine sets for itself.',
  async run(bench) {
    const comparisons = [];
    for (const { name, config, goal, environment = {} } of variants) {
      bench.say(`  ${name}`);
      const turns = await inTurn(bench, await fixedBatchJob(bench, config), {
        warmup: bench.quick ? 1 : 2,
        rounds: bench.quick ? 3 : 8,
        tolerance: 1e-3,
        peerEnvironment: environment,
      });
      comparisons.push(
        comparison({
          name,
          unit: 'tokens/s',
          kind: 'rate',
          ours: rates(turns.ours, 1024),
          peer: rates(turns.peer, 1024),
          ...(goal === undefined ? {} : { goal }),
          checked: turns.checked,
        }),
      );
      if (bench.quick) break;
    }
    return { comparisons };
  },
};
