// The environment in which TensorFlow is fast. It is read when a process starts, so it must be set before that.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.mjs';
import { tensorflowLibraryPath } from './tensorflow.mjs';

/**
 * This process's environment with TensorFlow's defaults where the person has not set them.
 * @returns {NodeJS.ProcessEnv}
 */
export function engineProcessEnvironment() {
  const defaults = JSON.parse(readFileSync(join(root, 'src-main', 'host', 'engine-environment.json'), 'utf8'));
  return { ...defaults, ...process.env, ...libraryPath() };
}

/** Where the CUDA build finds its libraries. @returns {{ LD_LIBRARY_PATH?: string }} */
export function libraryPath() {
  const path = tensorflowLibraryPath();
  return path === undefined ? {} : { LD_LIBRARY_PATH: path };
}
