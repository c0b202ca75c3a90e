/** What a node needs of this app: the command line, the programs for Ray, and what sets up the native parts. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../util/appError.ts';
import type { PackageFiles } from './packages.ts';

export interface BundlePlaces {
  /** The bundle of the command line, `cli.cjs`. */
  readonly commandLine: string;
  /** Folder with `package.json`, `package-lock.json` and `src-main/setup`, as in the work tree. */
  readonly sources: string;
  /** Folder of the Python programs. */
  readonly programs: string;
}

/** Packages that only building the addon needs: nodes need them, too. */
const builders = ['node-api-headers'];

const manifestSchema = z.looseObject({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const lockSchema = z.looseObject({ packages: z.record(z.string(), z.looseObject({})) });

/** @throws AppError TARGET_UNFIT when the app's own files are not there */
export async function engineBundle({ commandLine, sources, programs }: BundlePlaces): Promise<PackageFiles> {
  try {
    const files: Record<string, Uint8Array> = {};
    for (const name of await readdir(programs)) {
      if (name.endsWith('.py')) files[name] = await readFile(path.join(programs, name));
    }
    const setup = path.join('src-main', 'setup');
    for (const name of await readdir(path.join(sources, setup))) {
      if (name.endsWith('.mjs'))
        files[`engine/src-main/setup/${name}`] = await readFile(path.join(sources, setup, name));
    }
    for (const name of ['.npmrc', 'src-main/host/engine-environment.json']) {
      files[`engine/${name}`] = await readFile(path.join(sources, name));
    }
    const { manifest, lock } = leanManifest(
      await readFile(path.join(sources, 'package.json'), 'utf8'),
      await readFile(path.join(sources, 'package-lock.json'), 'utf8'),
    );
    files['engine/package.json'] = Buffer.from(manifest);
    files['engine/package-lock.json'] = Buffer.from(lock);
    files['engine/out/cli/cli.cjs'] = await readFile(commandLine);
    return files;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      'TARGET_UNFIT',
      `The files that nodes are set up from are not complete (${String(error)}): run npm run build, or install the app anew.`,
      { cause: error },
    );
  }
}

/** The manifest and lockfile in which what nodes build with is no development dependency. */
function leanManifest(manifestText: string, lockText: string): { manifest: string; lock: string } {
  const manifest = manifestSchema.parse(JSON.parse(manifestText));
  const lock = lockSchema.parse(JSON.parse(lockText));
  const root = manifestSchema.parse(lock.packages['']);
  for (const holder of [manifest, root]) {
    for (const name of builders) {
      holder.dependencies[name] = holder.devDependencies[name] ?? '*';
      const { [name]: _moved, ...rest } = holder.devDependencies;
      holder.devDependencies = rest;
    }
  }
  lock.packages[''] = root;
  for (const name of builders) {
    const { dev: _dev, ...entry } = lock.packages[`node_modules/${name}`] ?? {};
    lock.packages[`node_modules/${name}`] = entry;
  }
  return { manifest: JSON.stringify(manifest), lock: JSON.stringify(lock) };
}
