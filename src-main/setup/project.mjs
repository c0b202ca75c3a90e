// Where things are: the work tree, and the cache that outlives it.
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The work tree. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where the bundles are built. */
export const outFolder = join(root, 'out');

/** For example `linux-x64`. */
export const platformName = `${process.platform}-${process.arch}`;

/** Chromium's sandbox refuses to start for the root user. */
export const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;

/**
 * The folder of downloads; the same rule as `cacheDirectory` in util/paths.ts, which this file cannot import: it runs
 * before anything is compiled.
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @param {NodeJS.Platform} platform
 */
export function cacheFolder(environment = process.env, platform = process.platform) {
  const chosen = environment['SARA_CACHE'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (platform === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'sara-studio', 'Cache');
  }
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'sara-studio');
  const xdg = environment['XDG_CACHE_HOME'];
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'sara-studio');
}

/**
 * Where CUDA keeps the kernels that it compiles; the same rule as `computeCacheDirectory` in util/paths.ts.
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @param {NodeJS.Platform} platform
 */
export function computeCacheFolder(environment = process.env, platform = process.platform) {
  return join(cacheFolder(environment, platform), 'gpu', 'compute');
}
