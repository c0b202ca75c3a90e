// `npm run build [-- NAME...]`: builds the bundles whose sources have changed. With --force all of them.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { outFolder, root } from './project.mjs';
import { prepare } from './prepare.mjs';
import { runProgram, SetupError } from './setupError.mjs';
import { aloneInCache } from './wholeFolder.mjs';
import { startProgress } from './progress.mjs';

const programs = /** @type {const} */ (['main', 'preload', 'engine', 'cli']);

/** @typedef {typeof programs[number] | 'renderer'} BundleName */

/** @type {readonly BundleName[]} */
export const bundleNames = [...programs, 'renderer'];

/** @param {BundleName} name */
function outputOf(name) {
  return join(outFolder, name, name === 'renderer' ? 'index.html' : `${name}.cjs`);
}

/** @param {BundleName} name */
function stampOf(name) {
  return join(outFolder, 'stamps', name);
}

/**
 * @param {string} path a file, or a folder with everything below it
 * @returns {string[]}
 */
function describe(path) {
  const status = statSync(path);
  if (!status.isDirectory()) return [`${relative(root, path)} ${status.size} ${status.mtimeMs}`];
  return readdirSync(path)
    .filter((name) => name !== 'setup')
    .toSorted()
    .flatMap((name) => describe(join(path, name)));
}

/**
 * A hash over names, sizes and times of all that goes into a bundle.
 * @param {BundleName} name
 */
function fingerprint(name) {
  const sources = name === 'renderer' ? ['src-renderer', 'src-main/contract'] : ['src-main'];
  const lines = [...sources, 'package.json', 'package-lock.json'].flatMap((path) => describe(join(root, path)));
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** @param {BundleName} name */
function isFresh(name) {
  const stamp = stampOf(name);
  if (!existsSync(stamp) || !existsSync(outputOf(name))) return false;
  return readFileSync(stamp, 'utf8') === fingerprint(name);
}

/** @param {BundleName} name */
async function buildBundle(name) {
  const { build } = await import('vite');
  const before = fingerprint(name);
  const configFile = join(root, name === 'renderer' ? 'src-renderer' : 'src-main', 'vite.config.ts');
  // A program that runs from the earlier bundle finds either that or the new one.
  const target = join(outFolder, name);
  const unfinished = join(outFolder, `unfinished-${name}`);
  await build({ configFile, mode: name === 'renderer' ? 'production' : name, build: { outDir: unfinished } });
  rmSync(target, { recursive: true, force: true });
  renameSync(unfinished, target);
  const stamp = stampOf(name);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, before);
}

/**
 * Builds those of the bundles that are missing or older than their sources.
 * @param {readonly BundleName[]} names
 * @param {boolean} [force] builds them in any case
 */
export async function buildChanged(names, force = false) {
  const wanted = () => (force ? names : names.filter((name) => !isFresh(name)));
  if (wanted().length > 0) await aloneInCache(() => buildBundles(wanted()));
}

/** @param {readonly BundleName[]} stale */
async function buildBundles(stale) {
  // Another program may have built them while this one waited.
  if (stale.length === 0) return;
  const progress = startProgress(`Building ${stale.join(', ')}`);
  try {
    for (const name of stale) await buildBundle(name);
  } catch (error) {
    progress.end('did not work');
    throw new SetupError(error instanceof Error ? error.message : String(error), 1);
  }
  progress.end('done');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runProgram(async () => {
    const { values, positionals } = parseArgs({ options: { force: { type: 'boolean' } }, allowPositionals: true });
    const names = bundleNames.filter((name) => positionals.length === 0 || positionals.includes(name));
    await prepare({ window: false, engine: false });
    await buildChanged(names, values.force === true);
    return 0;
  });
}
