import { access, constants, mkdir, readdir, rename, rm, rmdir, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { formatBytes } from '../contract/format.ts';
import { AppError } from '../util/appError.ts';
import { syncFolder, temporaryPath } from '../util/fsAtomic.ts';

/** Room left free on the disk besides what is written. */
const reserveBytes = 64 * 1024 * 1024;

/** A folder that comes into being whole or not at all. */
export interface OutputFolder {
  /** Where the files are written until {@link commit}; beside the target, so that the rename stays on one disk. */
  readonly staging: string;
  readonly target: string;
  /** Makes the written folder the target. Call once, after every file is synced. */
  commit(): Promise<void>;
  /** Removes what was written; does nothing after {@link commit}. */
  discard(): Promise<void>;
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
  const parent = dirname(whole);
  try {
    await mkdir(parent, { recursive: true });
    await access(parent, constants.W_OK);
  } catch (error) {
    throw new AppError('NOT_WRITABLE', `The folder ${parent} cannot be written to; choose another folder.`, {
      cause: error,
    });
  }
  await assertSpace(parent, bytes);
  // Not mkdtemp: its folders are for their owner alone, and a model is to be read by the programs it is made for.
  const staging = temporaryPath(whole);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging);
  let committed = false;
  return {
    staging,
    target: whole,
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

async function assertAbsentOrEmpty(folder: string): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw new AppError('TARGET_EXISTS', `${folder} exists and is not a folder; choose another name.`, { cause: error });
  }
  if (entries.length > 0)
    throw new AppError('TARGET_EXISTS', `${folder} exists and is not empty; choose another folder.`);
}

async function assertSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes + reserveBytes) {
    throw new AppError(
      'DISK_FULL',
      `Writing needs ${formatBytes(bytes)}, but ${folder} has ${formatBytes(free)} free; free space or choose another folder.`,
    );
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
