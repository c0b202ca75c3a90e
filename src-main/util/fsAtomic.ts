/** Files that are either there in full or not at all: written beside their place, synced, then renamed. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from './appError.ts';

/** Name of the unfinished file or folder of `target`; the process id keeps two writers apart. */
export function temporaryPath(target: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.${String(process.pid)}.tmp`);
}

/**
 * Writes a file so that a crash leaves either the old or the new content.
 * @throws AppError DISK_FULL, NOT_WRITABLE
 */
export async function writeFileAtomic(target: string, content: string | Uint8Array): Promise<void> {
  const unfinished = temporaryPath(target);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    const handle = await open(unfinished, 'w');
    try {
      await handle.writeFile(content);
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

/** The error to throw when writing `target` failed: a full disk and missing permissions have codes of their own. */
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
  return error;
}
