import type { EngineServices } from '../../../src-main/engine/services.ts';
import type { JobOf } from '../jobs.ts';
import { timed, type Work } from './work.ts';

/** Loads a model as the first answer of a chat does, and takes the logits after the prompt. */
export async function openLoad(
  { model, prompt }: JobOf<'load'>,
  services: EngineServices,
  signal: AbortSignal,
): Promise<Work> {
  const { kernels } = await services.backend();
  async function run(): Promise<{ seconds: number; values: Record<string, number> }> {
    await services.loaded.release();
    const { seconds, result } = await timed(async () => {
      const { decoder } = await services.loaded.use(kernels, { modelPath: model, checkpoint: undefined }, signal);
      const cache = decoder.newCache(1);
      try {
        return await decoder.decode(cache, [prompt], signal);
      } finally {
        cache.dispose();
      }
    });
    const largest = result.reduce((most, logit) => Math.max(most, logit), -Infinity);
    return { seconds, values: { 'next token': result.indexOf(largest), 'its logit': largest } };
  }
  const first = await run();
  return { facts: { values: first.values, extra: { seconds: first.seconds } }, run, close: () => Promise.resolve() };
}
