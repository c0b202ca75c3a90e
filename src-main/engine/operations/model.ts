import { assertGgufPossible } from '../../export/ggufMetadata.ts';
import { findModels } from '../../models/discovery/findModels.ts';
import { inspectFile } from '../../models/inspectFile.ts';
import { openModel } from '../../models/open.ts';
import type { OpenedModel } from '../../models/types.ts';
import { fetchSampleModel } from '../../samples/fetchSampleModel.ts';
import { AppError } from '../../util/appError.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** What a model is, without loading its weights. */
export const modelInspect: Operation<'model.inspect'> = async ({ model: path }, { signal }) => {
  const model = await openModel(path, signal);
  try {
    return { ...model.summary, warnings: [...model.summary.warnings, ...(await ggufWarnings(model))] };
  } finally {
    await model.close();
  }
};

/** Who wants GGUF in the end should know before training whether it is possible. */
async function ggufWarnings(model: OpenedModel): Promise<string[]> {
  if (model.arch === undefined) return [];
  try {
    await assertGgufPossible(model);
    return [];
  } catch (error) {
    if (error instanceof AppError) return [error.message];
    throw error;
  }
}

/** What stands in one weights file. */
export const modelInspectFile: Operation<'model.inspectFile'> = async ({ path }) => inspectFile(path);

/** Models that other programs have left on this computer. */
export function modelsFind({ clock }: EngineServices): Operation<'models.find'> {
  return async (_input, { signal }) => findModels(signal, clock);
}

/** Fetches a sample model, or finds it in the cache. */
export const modelFetchSample: Operation<'model.fetchSample'> = async ({ id }, { signal, emit }) =>
  fetchSampleModel(id, emit, signal);
