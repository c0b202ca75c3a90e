import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operations } from '../../../src-main/contract/engine.ts';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import { Decoder } from '../../../src-main/decoder/decoder.ts';
import type { EngineServices } from '../../../src-main/engine/services.ts';
import { datasetLoss } from '../../../src-main/evaluation/datasetLoss.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { requireArch } from '../../../src-main/models/openedModel.ts';
import type { JobOf } from '../jobs.ts';
import { readExamples } from './examples.ts';
import { contextOf } from './operationContext.ts';
import type { Work } from './work.ts';

/** Trains with the operation that the app and the command line call; a round is a run of its own. */
export async function openEpoch(
  { config, examples, runs }: JobOf<'epoch'>,
  operations: Operations,
  services: EngineServices,
  signal: AbortSignal,
): Promise<Work> {
  const before = await lossBefore(config.model, examples, config.batchSize, services, signal);
  return {
    facts: { values: before },
    async run() {
      const out = await mkdtemp(join(runs, 'epoch-'));
      let begun = 0;
      let ended = 0;
      let tokens = 0;
      const emit = (event: TrainEvent): void => {
        // What follows the last step (a checkpoint) is not counted; the other side does not save at all.
        if (event.event === 'phase' && event.phase === 'training' && begun === 0) begun = performance.now();
        if (event.event !== 'step') return;
        ended = performance.now();
        tokens = event.tokens;
      };
      try {
        await operations['train.run']({ config, out: join(out, 'run') }, contextOf(signal, emit));
      } finally {
        await rm(out, { recursive: true, force: true });
      }
      return { seconds: (ended - begun) / 1000, values: { tokens } };
    },
    close: () => Promise.resolve(),
  };
}

async function lossBefore(
  modelPath: string,
  file: string,
  batchSize: number,
  services: EngineServices,
  signal: AbortSignal,
): Promise<{ readonly 'loss before': number }> {
  const { kernels } = await services.backend();
  const model = await openModel(modelPath, signal);
  const decoder = await Decoder.load(kernels, requireArch(model), model.source, {}, signal);
  try {
    const { loss } = await datasetLoss(decoder, await readExamples(file), batchSize, signal);
    return { 'loss before': loss };
  } finally {
    decoder.dispose();
    await model.close();
  }
}
