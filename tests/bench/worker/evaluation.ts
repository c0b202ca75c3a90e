import type { WeightPrecision } from '../../../src-main/contract/weightPrecision.ts';
import { Decoder } from '../../../src-main/decoder/decoder.ts';
import type { EngineServices } from '../../../src-main/engine/services.ts';
import { datasetLoss } from '../../../src-main/evaluation/datasetLoss.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { requireArch } from '../../../src-main/models/openedModel.ts';
import type { JobOf } from '../jobs.ts';
import { readExamples } from './examples.ts';
import { timed, type Work } from './work.ts';

/** The loss of a data set as evaluations take it. */
export async function openEvaluation(
  { model, examples: file, batchSize, weights }: JobOf<'evaluation'>,
  services: EngineServices,
  signal: AbortSignal,
): Promise<Work> {
  const { decoder, close } = await openDecoder(model, weights, services, signal);
  const examples = await readExamples(file);
  return {
    facts: { values: {} },
    async run() {
      const { seconds, result } = await timed(() => datasetLoss(decoder, examples, batchSize, signal));
      return { seconds, values: { loss: result.loss } };
    },
    close,
  };
}

/** @param weights how they are kept; as the engine keeps a model it has at hand when undefined */
async function openDecoder(
  modelPath: string,
  weights: WeightPrecision | undefined,
  services: EngineServices,
  signal: AbortSignal,
): Promise<{ readonly decoder: Decoder; readonly close: () => Promise<void> }> {
  const { kernels } = await services.backend();
  if (weights === undefined) {
    const { decoder } = await services.loaded.use(kernels, { modelPath, checkpoint: undefined }, signal);
    return { decoder, close: () => services.loaded.release() };
  }
  const model = await openModel(modelPath, signal);
  const decoder = await Decoder.load(kernels, requireArch(model), model.source, { weights }, signal);
  return {
    decoder,
    async close() {
      decoder.dispose();
      await model.close();
    },
  };
}
