/** Where SARA Studio keeps what it can fetch or compute again (cache) and what belongs to the person (home). */
import os from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Folder of downloads, hashes and spectra; everything in it can be deleted. $SARA_CACHE, else the platform's cache
 * folder. It may not exist yet.
 */
export function cacheDirectory(environment: Environment = process.env, platform = process.platform): string {
  const chosen = environment['SARA_CACHE'];
  if (chosen !== undefined && chosen !== '') return path.resolve(chosen);
  const home = os.homedir();
  if (platform === 'win32') {
    return path.join(environment['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'), 'sara-studio', 'Cache');
  }
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'sara-studio');
  const xdg = environment['XDG_CACHE_HOME'];
  // The XDG specification says that a relative path must be ignored.
  return path.join(xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(home, '.cache'), 'sara-studio');
}

/** Folder of what is compiled for this machine's GPU and what is known of that; it may not exist yet. */
export function gpuCacheDirectory(environment?: Environment, platform?: NodeJS.Platform): string {
  return path.join(cacheDirectory(environment, platform), 'gpu');
}

/** Where the NVIDIA driver keeps the kernels that it compiles, see CUDA_CACHE_PATH; it may not exist yet. */
export function computeCacheDirectory(environment?: Environment, platform?: NodeJS.Platform): string {
  return path.join(gpuCacheDirectory(environment, platform), 'compute');
}

/** Folder of projects, runs and exports. $SARA_HOME, else `SARA Studio` in the home folder. It may not exist yet. */
export function homeDirectory(environment: Environment = process.env): string {
  const chosen = environment['SARA_HOME'];
  return chosen !== undefined && chosen !== '' ? path.resolve(chosen) : path.join(os.homedir(), 'SARA Studio');
}
