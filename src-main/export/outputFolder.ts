import { access, constants, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { formatBytes } from '../contract/format.ts';
import type { ExportedFile } from '../contract/results.ts';
import { AppError } from '../util/appError.ts';
import { freeSpace } from '../util/diskSpace.ts';
import { syncFolder, temporaryPath, writeError } from '../util/fsAtomic.ts';
import { isProcessAlive } from '../util/processAlive.ts';
import { reportFile, reportPath } from './exportReport.ts';

/** Room left free on the disk besides what is written. */
const reserveBytes = 64 * 1024 * 1024;

/** A folder, or one file with its report, that comes into being whole or not at all. */
export interface OutputFolder {
  /** Where the files are written until {@link commit}; beside the target, so that the rename stays on one disk. */
  readonly staging: string;
  readonly target: string;
  /** The written files under the names they will have. */
  named(files: readonly ExportedFile[]): ExportedFile[];
  /** Makes the written folder or file the target. Call once, after every file is synced. */
  commit(): Promise<void>;
  /** Removes what was written; does nothing after {@link commit}. */
  discard(): Promise<void>;
}

/**
 * Prepares an output: a folder, or where the target ends in .gguf and one file is all there is, that file with its
 * report beside it.
 * @param mainFile name of the one file in the staging folder
 * @throws AppError SETTINGS_INVALID, TARGET_EXISTS, NOT_WRITABLE, DISK_FULL
 */
export async function openOutput(target: string, bytes: number, mainFile?: string): Promise<OutputFolder> {
  if (!/\.gguf$/i.test(target)) return openOutputFolder(target, bytes);
  if (mainFile !== undefined) return openOutputFile(target, bytes, mainFile);
  throw new AppError(
    'SETTINGS_INVALID',
    `${target} is called like one GGUF file, and this format is a folder of files; choose a name without .gguf.`,
  );
}

async function openOutputFile(target: string, bytes: number, mainFile: string): Promise<OutputFolder> {
  const whole = resolve(target);
  const report = reportPath(whole);
  await assertAbsent(whole);
  await assertAbsent(report);
  const parent = await writableParent(whole, bytes);
  const staging = await makeStaging(whole);
  return {
    staging,
    target: whole,
    named: (files) =>
      files.filter((file) => file.name === mainFile).map((file) => ({ ...file, name: basename(whole) })),
    async commit() {
      await assertAbsent(whole);
      await rename(join(staging, reportFile), report);
      await rename(join(staging, mainFile), whole);
      await syncFolder(parent);
    },
    discard: async () => rm(staging, { recursive: true, force: true }),
  };
}

/**
 * Prepares an output folder.
 * @param target must not exist, or be an empty folder
 * @param bytes what will be written, for the check of free space
 * @throws AppError TARGET_EXISTS, NOT_WRITABLE, DISK_FULL
 */
export async function openOutputFolder(target: string, bytes: number): Promise<OutputFolder> {
  const whole = resolve(target);
  await assertAbsentOrEmpty(whole);
  const parent = await writableParent(whole, bytes);
  const staging = await makeStaging(whole);
  let committed = false;
  return {
    staging,
    target: whole,
    named: (files) => [...files],
    async commit() {
      await syncFolder(staging);
      await rmdir(whole).catch(() => undefined); // An empty folder may stand there; anything else makes the rename fail.
      try {
        await rename(staging, whole);
      } catch (error) {
        throw new AppError('TARGET_EXISTS', `${whole} came into being meanwhile; choose another folder.`, {
          cause: error,
        });
      }
      committed = true;
      await syncFolder(parent);
    },
    async discard() {
      if (!committed) await rm(staging, { recursive: true, force: true });
    },
  };
}

/** The folder the target will lie in, made where it is missing. */
async function writableParent(target: string, bytes: number): Promise<string> {
  const parent = dirname(target);
  try {
    await mkdir(parent, { recursive: true });
    await access(parent, constants.W_OK);
  } catch (error) {
    throw new AppError('NOT_WRITABLE', `The folder ${parent} cannot be written to; choose another folder.`, {
      cause: error,
    });
  }
  await assertSpace(parent, bytes);
  return parent;
}

async function makeStaging(target: string): Promise<string> {
  // Not mkdtemp: its folders are for their owner alone, and a model is to be read by the programs it is made for.
  const staging = temporaryPath(target);
  try {
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging);
  } catch (error) {
    throw writeError(target, error);
  }
  await removeAbandoned(target, staging);
  return staging;
}

/** Milliseconds without a new file after which an unfinished output of a process that is gone is given up. */
const abandonedAfter = 3_600_000;

/** Removes what exports to the same target have left whose process was killed. */
async function removeAbandoned(target: string, staging: string): Promise<void> {
  const parent = dirname(target);
  // The time of the file system itself: that of a network drive may differ from this computer's.
  const { mtimeMs: now } = await stat(staging);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`.${basename(target)}.`)) continue;
    const pid = /^(\d+)\.tmp$/.exec(name.slice(basename(target).length + 2))?.[1];
    const path = join(parent, name);
    if (pid === undefined || path === staging || isProcessAlive(Number(pid))) continue;
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
    if (now - mtimeMs > abandonedAfter) await rm(path, { recursive: true, force: true });
  }
}

async function isThere(target: string): Promise<boolean> {
  return access(target).then(
    () => true,
    () => false,
  );
}

async function assertAbsent(file: string): Promise<void> {
  if (!(await isThere(file))) return;
  throw new AppError('TARGET_EXISTS', `${file} exists; choose another name.`);
}

async function assertAbsentOrEmpty(folder: string): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    // Also where a file stands in place of the folder it is to be in: that is told by the attempt to make it.
    if (!(await isThere(folder))) return;
    throw new AppError('TARGET_EXISTS', `${folder} exists and is not a folder; choose another name.`, { cause: error });
  }
  if (entries.length > 0)
    throw new AppError('TARGET_EXISTS', `${folder} exists and is not empty; choose another folder.`);
}

async function assertSpace(folder: string, bytes: number): Promise<void> {
  const free = await freeSpace(folder);
  if (free !== undefined && free < bytes + reserveBytes) {
    throw new AppError(
      'DISK_FULL',
      `Writing needs ${formatBytes(bytes)}, but ${folder} has ${formatBytes(free)} free; free space or choose another folder.`,
    );
  }
}
