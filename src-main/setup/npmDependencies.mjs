// The npm packages of the lockfile.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchWithNpm } from './npm.mjs';
import { folderBytes, reasonOf } from './run.mjs';
import { root } from './project.mjs';
import { megabytes, startProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }} LockedPackage */

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage> | undefined}
 */
function lockedPackages(file) {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    // A half-written file of an interrupted installation.
    return undefined;
  }
}

/** Whether node_modules holds what the lockfile names: npm's own record says so, and each package is there. */
export function npmDependenciesReady() {
  const wanted = lockedPackages(join(root, 'package-lock.json'));
  const installed = lockedPackages(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const present = installed[path];
    // What is optional may belong to another platform.
    if (present === undefined) return optional === true;
    if (present.version !== version || present.integrity !== integrity) return false;
    return existsSync(join(root, path, 'package.json'));
  });
}

/** Installs the npm packages exactly as the lockfile names them, without running their scripts. */
export async function installNpmDependencies() {
  const progress = startProgress('Installing the npm packages');
  const modules = join(root, 'node_modules');
  const outcome = await fetchWithNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    seconds: 1800,
    growingFolder: modules,
    onGrowth: (bytes) => progress.update(megabytes(bytes)),
  });
  if (outcome.code !== 0) {
    throw new SetupError(
      `The npm packages cannot be installed (${outcome.unreachable ?? reasonOf(outcome)}): check the connection to the npm registry and start again.`,
    );
  }
  progress.end(megabytes(folderBytes(modules)));
}
