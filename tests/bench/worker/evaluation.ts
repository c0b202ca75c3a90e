import type { EngineServices } from '../../../src-main/engine/services.ts';
import { datasetLoss } from '../../../src-main/evaluation/datasetLoss.ts';
import type { JobOf } from '../jobs.ts';
import { readExamples } from './examples.ts';
import { timed, type Work } from './work.ts';

/** The loss of a data set as evaluations take it. */
export async function openEvaluation(
  { model, examples: file, batchSize }: JobOf<'evaluation'>,
  services: EngineServices,
  signal: AbortSignal,
): Promise<Work> {
  const { kernels } = await services.backend();
  const { decoder } = await services.loaded.use(kernels, { modelPath: model, checkpoint: undefined }, signal);
  const examples = await readExamples(file);
  return {
    facts: { values: {} },
    async run() {
      const { seconds, result } = await timed(() => datasetLoss(decoder, examples, batchSize, signal));
      return { seconds, values: { loss: result.loss } };
    },
    close: () => services.loaded.release(),
  };
}
