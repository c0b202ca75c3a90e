import type { EngineServices } from '../../../src-main/engine/services.ts';
import { generateTokens } from '../../../src-main/generation/generate.ts';
import type { JobOf } from '../jobs.ts';
import { timed, type Work } from './work.ts';

/** Answers as the app generates them, going on after end tokens. */
export async function openGeneration(
  { model, prompts, newTokens }: JobOf<'generation'>,
  services: EngineServices,
  signal: AbortSignal,
): Promise<Work> {
  const { kernels } = await services.backend();
  const { decoder } = await services.loaded.use(kernels, { modelPath: model, checkpoint: undefined }, signal);
  const options = { maxNewTokens: newTokens, temperature: 0, seed: 0, endIds: [] };
  return {
    facts: { values: {} },
    async run() {
      const { seconds, result } = await timed(() => generateTokens(decoder, prompts, options, signal));
      return { seconds, values: { 'new tokens': result.flatMap(({ ids }) => [...ids]) } };
    },
    close: () => services.loaded.release(),
  };
}
