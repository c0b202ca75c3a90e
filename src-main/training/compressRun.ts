import { rmdir } from 'node:fs/promises';
import type { OperationContext } from '../contract/engine.ts';
import type { CompressedAdapter, CompressResult, ProgressEvent } from '../contract/results.ts';
import { loraParameters } from '../contract/rank.ts';
import type { RunRecord } from '../contract/training.ts';
import { Decoder } from '../decoder/decoder.ts';
import { datasetLoss } from '../evaluation/datasetLoss.ts';
import type { AdapterSet } from '../methods/types.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { prepareRunFolder } from '../runs/runFolder.ts';
import { AppError } from '../util/appError.ts';
import type { Clock } from '../util/clock.ts';
import { cutAdapters, decomposeAdapters, type CutAdapter } from './compressAdapter.ts';
import { prepareData } from './prepareData.ts';
import { restoreAdapters } from './restoreAdapters.ts';
import { writeCompressedRun } from './writeCompressedRun.ts';

/** A checkpoint of a run with its model and adapters; all borrowed. */
export interface CompressSource {
  readonly model: OpenedModel;
  readonly kernels: Kernels;
  readonly adapters: AdapterSet;
  readonly run: string;
  readonly record: RunRecord;
  readonly step: number;
  readonly clock: Clock;
}

type CompressContext = Pick<OperationContext<ProgressEvent>, 'signal' | 'emit'>;

/**
 * Cuts every adapter at shares of the energy of its own ΔW and measures the held-out loss before and after.
 * @param out folder of the run that the compressed adapter is written to; for one energy only
 * @throws AppError USAGE for several energies with `out`; NOT_MERGEABLE where a ΔW cannot be cut, TARGET_EXISTS,
 * CANCELLED and what data and model throw
 */
export async function compressRun(
  source: CompressSource,
  energies: readonly number[],
  out: string | undefined,
  context: CompressContext,
): Promise<CompressResult> {
  if (out !== undefined && energies.length > 1) {
    throw new AppError('USAGE', 'An adapter is written at one energy; give a single one, or leave out the folder.');
  }
  // Before the work, and once more when there is something to write.
  const made = out !== undefined && (await prepareRunFolder(out));
  try {
    return await compress(source, energies, out, context);
  } catch (error) {
    // Takes empty folders alone.
    if (made) await rmdir(out).catch(() => undefined);
    throw error;
  }
}

async function compress(
  source: CompressSource,
  energies: readonly number[],
  out: string | undefined,
  { signal, emit }: CompressContext,
): Promise<CompressResult> {
  const { model, kernels, adapters, record } = source;
  const tell = (phase: string) => (done: number, total: number) => emit({ phase, done, total });
  const deltas = await decomposeAdapters(kernels, adapters, tell('Taking the adapters apart'), signal);
  const arch = requireArch(model);
  const { validation } = await prepareData(record.config, await model.tokenizer(), arch, signal);
  const decoder = await Decoder.load(kernels, arch, model.source, { onProgress: tell('Loading the model') }, signal);
  const measure = async (set: AdapterSet): Promise<number | null> => {
    if (validation.length === 0) return null;
    decoder.setAdapters(set);
    return (await datasetLoss(decoder, validation, record.config.batchSize, signal)).loss;
  };
  try {
    const tellMeasured = tell('Measuring the held-out loss');
    tellMeasured(0, energies.length + 1);
    const loss = await measure(adapters);
    const compressed: CompressedAdapter[] = [];
    for (const energy of energies) {
      tellMeasured(compressed.length + 1, energies.length + 1);
      const cut = cutAdapters(deltas, energy);
      const set = await restoreAdapters(kernels, plannedRanks(cut), cut.method, cut.tensors, signal);
      try {
        compressed.push({
          energy,
          matrices: cut.matrices,
          ...sizeOf(cut.parameters),
          loss: await measure(set),
        });
        if (out !== undefined) await writeCompressedRun(out, source, energy, cut, compressed.at(-1)?.loss ?? null);
      } finally {
        decoder.setAdapters(undefined);
        set.dispose();
      }
    }
    const stored = deltas.reduce((sum, { matrix, storedRank }) => sum + loraParameters(matrix.shape, storedRank), 0);
    return {
      run: source.run,
      step: source.step,
      before: { ...sizeOf(stored), loss },
      compressed,
      ...(out === undefined ? {} : { out }),
    };
  } finally {
    decoder.dispose();
  }
}

function plannedRanks({ matrices }: CutAdapter) {
  return matrices.map((matrix) => ({ ...matrix, rank: matrix.newRank }));
}

function sizeOf(parameters: number): { readonly parameters: number; readonly bytes: number } {
  return { parameters, bytes: 4 * parameters };
}
