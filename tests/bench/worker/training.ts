import { assembleBatch } from '../../../src-main/data/batches.ts';
import { Decoder } from '../../../src-main/decoder/decoder.ts';
import { trainEnvironment } from '../../../src-main/engine/trainEnvironment.ts';
import type { EngineServices } from '../../../src-main/engine/services.ts';
import { methodOf, planAdapters } from '../../../src-main/methods/registry.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { requireArch } from '../../../src-main/models/openedModel.ts';
import { AdamW } from '../../../src-main/optimizer/adamw.ts';
import { writeTensors } from '../../../src-main/training/adapterFile.ts';
import { trainStep } from '../../../src-main/training/trainStep.ts';
import { Rng } from '../../../src-main/util/rng.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';
import { startsBetween } from '../../../src-main/tensor/kernelStarts.ts';
import type { JobOf } from '../jobs.ts';
import { readExamples } from './examples.ts';
import { timed, type Work } from './work.ts';

/** The optimizer of both sides, with PyTorch's defaults. */
const adamW = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01 } as const;

/** Decoder, adapters and optimizer as a training session has them; a round is one step of its loop. */
export async function openTraining(
  job: JobOf<'training'>,
  services: EngineServices,
  signal: AbortSignal,
  kernels?: Kernels,
): Promise<Work> {
  const k = kernels ?? (await services.backend()).kernels;
  const model = await openModel(job.model, signal);
  const environment = await trainEnvironment(services);
  const targets = model.summary.targets;
  const method = methodOf(job.method);
  const spectra = method.needsSpectra(job.method)
    ? await environment.spectra(model, targets, signal, () => undefined)
    : new Map<string, never>();
  const ranks = planAdapters(targets, job.method, spectra);
  const decoder = await Decoder.load(
    k,
    requireArch(model),
    model.source,
    { products: job.products ?? 'float32' },
    signal,
  );
  const facts = {
    spectrum: (name: string) => spectra.get(name),
    modelWeights: () => Promise.resolve([]),
    rowNorms: (matrix: (typeof targets)[number]) => environment.rowNorms(model, matrix, signal),
    singularVectors: (matrix: (typeof targets)[number], rank: number) =>
      environment.singularVectors(model, matrix, rank, signal),
  };
  const adapters = await method.createAdapters(k, ranks, job.method, facts, new Rng(0), signal);
  decoder.setAdapters(adapters);
  const optimizer = new AdamW(k, adapters.parameters, adamW);
  await writeTensors(job.start, adapters.exportState(), {});
  const examples = await readExamples(job.examples);
  const batches = Math.floor(examples.length / job.batchSize);
  return {
    facts: { values: { trainable: ranks.reduce((sum, { trainable }) => sum + trainable, 0) } },
    async run(round) {
      const first = (round % batches) * job.batchSize;
      const before = k.starts;
      const { seconds, result } = await timed(() =>
        trainStep(
          decoder,
          adapters,
          optimizer,
          [
            assembleBatch(
              examples,
              Array.from({ length: job.batchSize }, (_, i) => first + i),
            ),
          ],
          {
            learningRate: job.learningRate,
            clipNorm: 1,
            activationCheckpointing: job.recompute,
            // The methods that are measured follow no schedule.
            place: { step: round, totalSteps: Infinity },
          },
          signal,
        ),
      );
      return {
        seconds,
        values: { loss: result.loss, 'gradient norm': result.gradientNorm },
        extra: { tokens: result.tokens, ...startsBetween(before, k.starts) },
      };
    },
    async close() {
      decoder.dispose();
      optimizer.dispose();
      adapters.dispose();
      await model.close();
    },
  };
}
