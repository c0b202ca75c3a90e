import type { TrainConfig } from '../contract/requests.schema.ts';
import { assembleBatch, type BatchPlanner } from '../data/batches.ts';
import type { TokenisedExample } from '../data/tokenise.ts';
import type { Decoder } from '../decoder/decoder.ts';
import type { AdapterSet } from '../methods/types.ts';
import type { AdamW } from '../optimizer/adamw.ts';
import { Rng } from '../util/rng.ts';
import { hasDropout } from './hasDropout.ts';
import { learningRate } from './schedule.ts';
import { trainStep, type TrainStepResult } from './trainStep.ts';

/** What the optimizer steps of a training work on. */
export interface Stepping {
  readonly config: TrainConfig;
  readonly examples: readonly TokenisedExample[];
  readonly planner: BatchPlanner;
  readonly decoder: Decoder;
  readonly adapters: AdapterSet;
  readonly optimizer: AdamW;
}

/**
 * The next optimizer step of a training: its batches, learning rate and random numbers follow from settings, seed and
 * the number of steps done alone.
 * @param stepsDone 0 … total − 1
 * @throws AppError CANCELLED, with everything but the planner as it was before
 */
export async function nextStep(
  { config, examples, planner, decoder, adapters, optimizer }: Stepping,
  stepsDone: number,
  total: number,
  signal: AbortSignal,
): Promise<TrainStepResult & { readonly learningRate: number }> {
  const rate = learningRate(stepsDone, {
    schedule: config.schedule,
    peak: config.learningRate,
    warmup: config.warmupSteps,
    total,
  });
  const dropoutWord = new Rng(config.seed).fork('dropout').integer(2 ** 31);
  const microBatches = planner.next().map((batch) => assembleBatch(examples, batch));
  const result = await trainStep(
    decoder,
    adapters,
    optimizer,
    microBatches,
    {
      learningRate: rate,
      clipNorm: config.clipNorm,
      activationCheckpointing: config.activationCheckpointing,
      place: { step: stepsDone, totalSteps: total },
      dropoutSeeds: hasDropout(config)
        ? microBatches.map((_, i) => [dropoutWord, stepsDone * config.accumulation + i])
        : undefined,
    },
    signal,
  );
  return { ...result, learningRate: rate };
}
