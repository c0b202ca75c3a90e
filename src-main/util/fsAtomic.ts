/** Files that are either there in full or not at all: written beside their place, synced, then renamed. */
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from './appError.ts';
import { isProcessAlive } from './processAlive.ts';

/** Name of the unfinished file or folder of `target`; the process id keeps two writers apart. */
export function temporaryPath(target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.${String(process.pid)}.tmp`);
}

/**
 * Removes what processes that no longer live have left unfinished in a folder.
 * @param of the finished name; left out, of every name
 */
export async function removeUnfinished(folder: string, of?: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, finished, pid] = /^\.(.+)\.(\d+)\.tmp$/.exec(name) ?? [];
    if (pid === undefined || (of !== undefined && finished !== of) || isProcessAlive(Number(pid))) continue;
    await rm(path.join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * Writes a file so that a crash leaves either the old or the new content.
 * @throws AppError DISK_FULL, NOT_WRITABLE
 */
export async function writeFileAtomic(
  target: string,
  content: string | Uint8Array | AsyncIterable<string>,
): Promise<void> {
  const unfinished = temporaryPath(target);
  try {
    await makeFolder(path.dirname(target));
    const handle = await open(unfinished, 'w');
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, target);
    await syncFolder(path.dirname(target));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw writeError(target, error);
  }
}

/**
 * Makes a folder with those above it, and gives the first that was made; undefined when it was there.
 * @throws Error of the system, with the code of what is really wrong
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true });
  } catch (error) {
    // On a read-only drive Node says ENOENT here; the plain call tells the truth.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') await mkdir(folder);
    throw error;
  }
}

/** Forces a file's content to the disk. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Forces a folder's entries to the disk, so that a rename survives a power cut. Windows has no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The error to throw when writing `target` failed: a full disk, missing permissions, a drive that is gone. */
export function writeError(target: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('DISK_FULL', `There is no space left to write ${target}; free some and try again.`, {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new AppError(
      'NOT_WRITABLE',
      `${target} cannot be written; choose another folder or change its permissions.`,
      {
        cause: error,
      },
    );
  }
  if (code === 'ENOENT') {
    return new AppError(
      'FILE_NOT_FOUND',
      `The folder of ${target} is not there; connect its drive or choose another folder.`,
      { cause: error },
    );
  }
  if (typeof code === 'string' && lostDrive.has(code)) {
    return new AppError('NOT_WRITABLE', `The drive of ${target} does not answer (${code}); connect it and try again.`, {
      cause: error,
    });
  }
  return error;
}

/** What the system answers about a drive that was taken away or has failed (errno(3)). */
const lostDrive = new Set(['EIO', 'ENODEV', 'ENXIO', 'ESTALE', 'ENOTCONN', 'EHOSTDOWN']);
