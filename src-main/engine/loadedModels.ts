import { withTemplateOf } from '../data/ownTemplate.ts';
import { Decoder } from '../decoder/decoder.ts';
import type { TrainedLayout } from '../generation/prompt.ts';
import type { AdapterSet } from '../methods/types.ts';
import { openModel } from '../models/open.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel, Tokenizer } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { readCheckpointAdapter } from '../training/adapterFile.ts';
import { restoreAdapters } from '../training/restoreAdapters.ts';
import { AppError } from '../util/appError.ts';
import type { ModelOrRun, RunCheckpoint } from './modelOrRun.ts';

/** A model in memory, ready to answer. */
export interface LoadedModel {
  readonly model: OpenedModel;
  readonly tokenizer: Tokenizer;
  readonly decoder: Decoder;
  readonly adapters: AdapterSet | undefined;
  /** How a run’s rows were laid out; undefined for a model as it is. */
  readonly trained: TrainedLayout | undefined;
}

interface Kept extends LoadedModel {
  readonly modelPath: string;
  /** Folder of the checkpoint the adapters are from. */
  readonly adaptersFrom: string | undefined;
}

/** Keeps the last model used in memory, so that the next answer of a chat does not load it again. */
export class LoadedModels {
  #kept: Kept | undefined;

  /**
   * The model with the adapters of the checkpoint on it (none for a plain model). It stays this object’s.
   * @throws AppError as opening and loading do; RUN_INVALID when the base model is not the one of the run
   */
  async use(kernels: Kernels, target: ModelOrRun, signal: AbortSignal): Promise<LoadedModel> {
    if (this.#kept?.modelPath !== target.modelPath) {
      await this.release();
      this.#kept = await load(kernels, target.modelPath, signal);
    }
    const kept = this.#kept;
    if (kept.adaptersFrom === target.checkpoint?.folder) {
      kept.decoder.setAdapters(kept.adapters);
      return kept;
    }
    kept.decoder.setAdapters(undefined);
    kept.adapters?.dispose();
    const tokenizer = await kept.model.tokenizer();
    this.#kept = { ...kept, tokenizer, adapters: undefined, trained: undefined, adaptersFrom: undefined };
    if (target.checkpoint) {
      const own = withTemplateOf(tokenizer, target.checkpoint.record.config.data);
      const adapters = await loadAdapters(kernels, kept.model, target.checkpoint, signal);
      kept.decoder.setAdapters(adapters);
      const { data } = target.checkpoint.record.config;
      const trained: TrainedLayout = {
        template: data.template,
        systemPrompt: data.systemPrompt,
        layout: target.checkpoint.record.layout,
      };
      this.#kept = { ...this.#kept, tokenizer: own, adapters, trained, adaptersFrom: target.checkpoint.folder };
    }
    return this.#kept;
  }

  /** Frees the kept model, so that its memory serves something else. */
  async release(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    if (!kept) return;
    kept.decoder.dispose();
    kept.adapters?.dispose();
    await kept.model.close();
  }
}

/**
 * The adapters of a checkpoint, on the model they were trained on.
 * @throws AppError RUN_INVALID when the model’s weights are others, CHECKPOINT_DAMAGED
 */
export async function loadAdapters(
  kernels: Kernels,
  model: OpenedModel,
  checkpoint: RunCheckpoint,
  signal: AbortSignal,
): Promise<AdapterSet> {
  const { run, record } = checkpoint;
  if ((await model.source.hash(signal)) !== record.model.hash) {
    throw new AppError(
      'RUN_INVALID',
      `The weights of ${model.summary.path} are not those that the run ${run} was trained on; put that model back in its place.`,
    );
  }
  const { tensors, method } = await readCheckpointAdapter(run, checkpoint);
  return restoreAdapters(kernels, record.ranks, method, tensors, signal);
}

async function load(kernels: Kernels, modelPath: string, signal: AbortSignal): Promise<Kept> {
  const model = await openModel(modelPath, signal);
  try {
    const tokenizer = await model.tokenizer();
    const decoder = await Decoder.load(kernels, requireArch(model), model.source, {}, signal);
    return { model, modelPath, tokenizer, decoder, adapters: undefined, trained: undefined, adaptersFrom: undefined };
  } catch (error) {
    await model.close();
    throw error;
  }
}
