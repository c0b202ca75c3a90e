/** Opens a model: a Hugging Face folder or a GGUF file. Nothing here needs TensorFlow. */
import { stat } from 'node:fs/promises';
import { throwIfCancelled } from '../util/appError.ts';
import { readError } from './byteFile.ts';
import { openGgufModel } from './gguf/openGguf.ts';
import { openHfModel } from './openHf.ts';
import type { OpenedModel } from './types.ts';

/**
 * Reads headers, configuration and tokenizer files, checks that every tensor the architecture needs is there with its
 * shape, and leaves the weights on the disk. The caller closes the model.
 * @param modelPath a folder with config.json and safetensors, or a .gguf file
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, CONFIG_INVALID, SAFETENSORS_INVALID, GGUF_INVALID, TENSOR_MISSING,
 *   TENSOR_INVALID, CANCELLED
 */
export async function openModel(modelPath: string, signal: AbortSignal): Promise<OpenedModel> {
  throwIfCancelled(signal);
  let isFolder: boolean;
  try {
    isFolder = (await stat(modelPath)).isDirectory();
  } catch (error) {
    throw readError(modelPath, error);
  }
  const model = isFolder ? await openHfModel(modelPath) : await openGgufModel(modelPath, signal);
  if (signal.aborted) await model.close();
  throwIfCancelled(signal);
  return model;
}
