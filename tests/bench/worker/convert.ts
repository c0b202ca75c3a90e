import { exportRequestSchema } from '../../../src-main/contract/requests.schema.ts';
import type { Operations } from '../../../src-main/contract/engine.ts';
import type { JobOf } from '../jobs.ts';
import { doneWith, type Work } from './work.ts';
import { contextOf } from './operationContext.ts';

/** The GGUF file of SmolLM2-135M-Instruct. */
export async function findSample(operations: Operations, signal: AbortSignal): Promise<Work> {
  const texts = await operations['model.fetchSample']({ id: 'smollm2-135m-instruct' }, contextOf(signal));
  return doneWith({ values: {}, texts });
}

/** The sample model from its GGUF file, as float32. */
export async function convertSample(
  { out }: JobOf<'convert'>,
  operations: Operations,
  signal: AbortSignal,
): Promise<Work> {
  const { path } = await operations['model.fetchSample']({ id: 'smollm2-135m-instruct' }, contextOf(signal));
  const request = exportRequestSchema.parse({ run: path, format: 'hf', out, dtype: 'f32' });
  await operations['export.run'](request, contextOf(signal));
  return doneWith({ values: {} });
}
