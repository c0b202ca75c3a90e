// The environment in which TensorFlow is fast. It is read when a process starts, so it must be set before that.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { computeCacheFolder, root } from './project.mjs';
import { tensorflowLibraryPath } from './tensorflow.mjs';

/**
 * This process's environment with TensorFlow's defaults and CUDA's cache of compiled kernels where the person has not
 * set them.
 * @param {NodeJS.ProcessEnv} own
 * @returns {NodeJS.ProcessEnv}
 */
export function engineProcessEnvironment(own = process.env) {
  const defaults = JSON.parse(readFileSync(join(root, 'src-main', 'host', 'engine-environment.json'), 'utf8'));
  return { ...defaults, CUDA_CACHE_PATH: computeCacheFolder(own), ...own, ...libraryPath() };
}

/** Where the CUDA build finds its libraries. @returns {{ LD_LIBRARY_PATH?: string }} */
export function libraryPath() {
  const path = tensorflowLibraryPath();
  return path === undefined ? {} : { LD_LIBRARY_PATH: path };
}
