import { registryModelPath } from '../../src-main/samples/sampleModels.ts';

/** The GGUF file that the golden values of SmolLM2 belong to; the set-up of `npm test` puts it in the cache. */
export function smollm2Path(): string {
  const file = registryModelPath('smollm2-135m-instruct');
  if (file === undefined) {
    throw new Error('SmolLM2-135M-Instruct.Q4_1.gguf is not in the cache. `npm test` fetches it; run that once.');
  }
  return file;
}
