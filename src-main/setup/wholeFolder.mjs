// Folders of the cache come into being whole: filled under a temporary name, then renamed.
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheFolder } from './project.mjs';
import { say } from './progress.mjs';
import { SetupError } from './setupError.mjs';

const temporaryPrefix = 'unfinished-';
const lockName = 'setup.lock';

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** @param {string} cache */
function makeCache(cache) {
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupError(
      `The cache folder ${cache} cannot be used (${reason}): set SARA_CACHE to a folder you can write to.`,
    );
  }
}

/**
 * Makes a folder in the cache by filling a temporary one.
 * @param {string} name name in the cache folder; one that is there is replaced
 * @param {(folder: string) => Promise<void>} fill
 * @returns {Promise<string>} its path
 */
export async function makeWholeFolder(name, fill) {
  const cache = cacheFolder();
  makeCache(cache);
  const temporary = mkdtempSync(join(cache, `${temporaryPrefix}${process.pid}-`));
  const target = join(cache, name);
  try {
    await fill(temporary);
    rmSync(target, { recursive: true, force: true });
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return target;
}

/** @param {string} cache */
function removeUnfinished(cache) {
  for (const name of readdirSync(cache)) {
    if (!name.startsWith(temporaryPrefix)) continue;
    const pid = Number(name.slice(temporaryPrefix.length).split('-')[0]);
    if (!isAlive(pid)) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

/** @param {string} lock */
function holder(lock) {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Does the work while no other set-up does; leftovers of interrupted ones are removed first.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function aloneInCache(work) {
  const cache = cacheFolder();
  const lock = join(cache, lockName);
  makeCache(cache);
  let told = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const pid = holder(lock);
    const status = statSync(lock, { throwIfNoEntry: false });
    // An empty lock is being written this moment, unless it is older.
    const abandoned =
      pid === 0 ? status !== undefined && Date.now() - status.mtimeMs > 2000 : pid !== undefined && !isAlive(pid);
    if (abandoned) rmSync(lock, { force: true });
    else {
      if (!told) say(`waiting for another set-up (process ${pid ?? 'unknown'}) ...`);
      told = true;
      await delay(500);
    }
  }
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    removeUnfinished(cache);
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}
