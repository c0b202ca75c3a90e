import { countLabels } from '../data/batches.ts';
import type { LabelledBatch } from '../decoder/batch.ts';
import type { Decoder } from '../decoder/decoder.ts';
import { withoutIdleTokens } from '../decoder/idleTokens.ts';
import { dropGradient } from '../methods/parameter.ts';
import type { AdapterSet, RankChange } from '../methods/types.ts';
import type { AdamW } from '../optimizer/adamw.ts';
import { macrotask } from '../util/macrotask.ts';

export interface TrainStepOptions {
  readonly learningRate: number;
  /** Largest L2 norm over all gradients; 0 turns clipping off. */
  readonly clipNorm: number;
  readonly activationCheckpointing: boolean;
  /** Two words for each micro-batch that no other of the run has; undefined where the method has no dropout. */
  readonly dropoutSeeds?: readonly (readonly [number, number])[] | undefined;
  /** Optimizer steps done before this one, and those of the whole run: for methods that follow a schedule. */
  readonly place: { readonly step: number; readonly totalSteps: number };
}

export interface TrainStepResult {
  /** Mean over the counted labels of all micro-batches, before the step. */
  readonly loss: number;
  /** L2 norm over all gradients, before clipping. */
  readonly gradientNorm: number;
  /** False when loss or norm is not finite: the parameters were then left as they are. */
  readonly finite: boolean;
  /** Tokens of all micro-batches. */
  readonly tokens: number;
  /** Where the step changed ranks. */
  readonly ranks?: RankChange | undefined;
}

/**
 * One optimizer step: the gradients of all micro-batches, each weighted with its number of labels (not the mean of
 * their means), then clipping and AdamW. Aborting leaves parameters, moments and gradients as they were before.
 * @param microBatches with at least one label among them
 * @throws AppError CANCELLED
 */
export async function trainStep(
  decoder: Decoder,
  adapters: AdapterSet,
  optimizer: AdamW,
  microBatches: readonly LabelledBatch[],
  options: TrainStepOptions,
  signal: AbortSignal,
): Promise<TrainStepResult> {
  const labels = microBatches.reduce((sum, batch) => sum + countLabels(batch), 0);
  const tokens = microBatches.reduce((sum, batch) => sum + batch.tokens.length, 0);
  let lossSum = 0;
  try {
    for (const [i, batch] of microBatches.entries()) {
      await macrotask(signal);
      const result = await decoder.accumulateGradients(
        options.dropoutSeeds === undefined ? withoutIdleTokens(batch) : batch,
        {
          lossScale: 1 / labels,
          activationCheckpointing: options.activationCheckpointing,
          dropoutSeed: options.dropoutSeeds?.[i],
        },
        signal,
      );
      lossSum += result.lossSum;
    }
  } catch (error) {
    dropGradients(decoder, adapters);
    throw error;
  }
  const loss = lossSum / labels;
  if (!Number.isFinite(loss)) {
    dropGradients(decoder, adapters);
    return { loss, gradientNorm: NaN, finite: false, tokens };
  }
  const { training } = adapters;
  training?.beginStep(options.place.step, options.place.totalSteps);
  const { gradientNorm, finite } = optimizer.step(options, training?.observe.bind(training));
  return { loss, gradientNorm, finite, tokens, ranks: finite ? training?.endStep() : undefined };
}

function dropGradients({ kernels }: Decoder, adapters: AdapterSet): void {
  for (const parameter of adapters.parameters) dropGradient(kernels, parameter);
}
