import { requireGates, type GatedAdapters } from '../../calibration/gatedRun.ts';
import { textGates } from '../../calibration/textGates.ts';
import { promptIds } from '../../generation/prompt.ts';
import type { LoadedModel } from '../loadedModels.ts';
import { chooseCheckpoint, type CheckpointChoice, type RunCheckpoint } from '../modelOrRun.ts';
import { asProgress } from '../preparing.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** The gate of every token of a text, in every matrix. */
export function gatesRun(services: EngineServices): Operation<'gates.run'> {
  return async ({ run, text, asPrompt, checkpoint, step }, { signal }) => {
    const loaded = await loadGated(services, run, step ?? checkpoint, signal);
    const { decoder, tokenizer, trained, adapters } = loaded;
    const ids = asPrompt ? promptIds(text, tokenizer, trained) : tokenizer.encode(text, true);
    return textGates(decoder, adapters, tokenizer, ids, loaded.checkpoint.step, signal);
  };
}

/** Mean gates over rows, and what freezing them costs. */
export function calibrateRun(services: EngineServices): Operation<'calibrate.run'> {
  return async ({ run, data, maxRows, checkpoint, step }, { signal, emit }) => {
    await services.prepareGpu(signal, asProgress(emit));
    const loaded = await loadGated(services, run, step ?? checkpoint, signal);
    return services.calibrations.of(
      { ...loaded, withDecoder: async (use) => use(loaded.decoder) },
      { data, maxRows },
      emit,
      signal,
    );
  };
}

async function loadGated(
  services: EngineServices,
  run: string,
  choice: CheckpointChoice,
  signal: AbortSignal,
): Promise<LoadedModel & { readonly checkpoint: RunCheckpoint; readonly adapters: GatedAdapters }> {
  const checkpoint = await chooseCheckpoint(run, choice);
  const { kernels } = await services.backend();
  const target = { modelPath: checkpoint.record.model.path, checkpoint };
  const loaded = await services.loaded.use(kernels, target, signal);
  return { ...loaded, checkpoint, adapters: requireGates(loaded.adapters, run) };
}
