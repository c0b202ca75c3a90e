import type { TrainConfig } from '../contract/requests.schema.ts';
import { BatchPlanner } from '../data/batches.ts';
import type { Decoder } from '../decoder/decoder.ts';
import { datasetLoss } from '../evaluation/datasetLoss.ts';
import { methodOf } from '../methods/registry.ts';
import { AdamW } from '../optimizer/adamw.ts';
import { nextStep } from './nextStep.ts';
import type { PlannedAdapters } from './planStart.ts';
import type { PreparedData } from './prepareData.ts';

export interface ProbeOutcome {
  /** Held-out loss after the last step; null when the training or the loss became not finite. */
  readonly loss: number | null;
  /** Loss of the last step's batch before that step; null when no step was finite. */
  readonly trainLoss: number | null;
}

/**
 * A whole training without a run folder: the same steps and the same held-out loss as a run of these settings, on a
 * decoder that is already loaded and is the base model again afterwards.
 * @param data with held-out rows
 * @throws AppError SETTINGS_INVALID for too few steps, CANCELLED
 */
export async function trainProbe(
  decoder: Decoder,
  adaptersPlanned: PlannedAdapters,
  config: TrainConfig & { readonly steps: number },
  data: Pick<PreparedData, 'train' | 'validation'>,
  signal: AbortSignal,
  onStep: (done: number) => void = () => undefined,
): Promise<ProbeOutcome> {
  const planner = new BatchPlanner(
    data.train.map((example) => example.ids.length),
    config,
  );
  methodOf(config.method).checkSteps?.(config.method, config.steps);
  const adapters = await adaptersPlanned.create();
  let optimizer: AdamW | undefined;
  try {
    optimizer = new AdamW(decoder.kernels, adapters.parameters, config);
    decoder.setAdapters(adapters);
    const training = { config, examples: data.train, planner, decoder, adapters, optimizer };
    let trainLoss: number | null = null;
    for (let step = 0; step < config.steps; step += 1) {
      const result = await nextStep(training, step, config.steps, signal);
      if (!result.finite) return { loss: null, trainLoss };
      trainLoss = result.loss;
      onStep(step + 1);
    }
    const { loss } = await datasetLoss(decoder, data.validation, config.batchSize, signal);
    return { loss: Number.isFinite(loss) ? loss : null, trainLoss };
  } finally {
    decoder.setAdapters(undefined);
    optimizer?.dispose();
    adapters.dispose();
  }
}
