import { inspectFile } from '../../models/inspectFile.ts';
import { openModel } from '../../models/open.ts';
import { fetchSampleModel } from '../../samples/fetchSampleModel.ts';
import type { Operation } from './operation.ts';

/** What a model is, without loading its weights. */
export const modelInspect: Operation<'model.inspect'> = async ({ model: path }, { signal }) => {
  const model = await openModel(path, signal);
  try {
    return model.summary;
  } finally {
    await model.close();
  }
};

/** What stands in one weights file. */
export const modelInspectFile: Operation<'model.inspectFile'> = async ({ path }) => inspectFile(path);

/** Fetches a sample model, or finds it in the cache. */
export const modelFetchSample: Operation<'model.fetchSample'> = async ({ id }, { signal, emit }) =>
  fetchSampleModel(id, emit, signal);
