/** One process at a time works on a run: `run.lock` names it. A lock whose process is gone is taken over. */
import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../util/appError.ts';
import { writeError } from '../util/fsAtomic.ts';
import { isProcessAlive } from '../util/processAlive.ts';
import { processStat } from '../util/processStat.ts';

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** When the process began, in the system's own terms; null where the system does not tell. */
  processStart: z.string().nullable(),
  /** Tells two locks of one process apart. */
  token: z.string().default(''),
});
type Owner = z.infer<typeof ownerSchema>;

export interface RunLock {
  /**
   * Throws when the lock is no longer this one: the run's folder or its drive is gone, or another process was given the
   * run. Whoever is about to write asks first, so that nothing is written where the run no longer is.
   * @throws AppError FILE_NOT_FOUND, RUN_BUSY
   */
  assertHeld(): Promise<void>;
  /** Gives the run free; a lock that belongs to another process by now is left alone. */
  release(): Promise<void>;
}

const lockName = 'run.lock';

/** What processes that were killed can leave in the folder of a run besides the run: locks and unfinished files. */
export function isLeftover(name: string): boolean {
  return name === lockName || name.startsWith(`${lockName}.`) || /^\..+\.\d+\.tmp(\.old)?$/.test(name);
}

/** @throws AppError RUN_BUSY when another operation or process holds the run; NOT_WRITABLE, DISK_FULL */
export async function lockRun(folder: string): Promise<RunLock> {
  const file = path.join(folder, lockName);
  for (let attempt = 0; attempt < 3; attempt++) {
    const token = randomUUID();
    if (await createLock(file, token)) {
      await removeLeftovers(folder);
      return {
        assertHeld: () => assertHeld(folder, file, token),
        async release() {
          if ((await ownerOf(file))?.token === token) await rm(file, { force: true });
        },
      };
    }
    const holder = await runningHolder(file);
    if (holder) throw busy(folder, file, holder);
    await removeStale(file);
  }
  throw new AppError('RUN_BUSY', `Another process is just taking the run ${folder}; try again in a moment.`);
}

/** Whether a process works on the run. Looks only: a listing must never be in the way of who takes the run. */
export async function isRunHeld(folder: string): Promise<boolean> {
  return (await runningHolder(path.join(folder, lockName))) !== undefined;
}

async function assertHeld(folder: string, file: string, token: string): Promise<void> {
  const owner = await ownerOf(file);
  if (owner?.token === token) return;
  if (owner !== undefined) throw busy(folder, file, owner);
  throw new AppError(
    'FILE_NOT_FOUND',
    `The folder of the run ${folder} is no longer there, or ${lockName} was deleted from it; connect its drive or put the folder back, then resume.`,
  );
}

/**
 * Removes what killed processes left unfinished in the run's folder and those in it. Only for the holder of the lock:
 * nobody else writes then.
 */
async function removeLeftovers(run: string): Promise<void> {
  await removeLeftoversIn(run);
  for (const name of ['checkpoints', 'samples']) await removeLeftoversIn(path.join(run, name));
}

async function removeLeftoversIn(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const file = path.join(folder, name);
    if (name === lockName || !isLeftover(name)) continue;
    // A lock that is just being prepared belongs to a process that lives.
    if (name.startsWith(`${lockName}.`) && (await runningHolder(file)) !== undefined) continue;
    await rm(file, { recursive: true, force: true });
  }
}

/** Creates the lock with its content in one step (a hard link), so that nobody ever reads a half-written one. */
async function createLock(file: string, token: string = randomUUID()): Promise<boolean> {
  const own: Owner = { pid: process.pid, host: os.hostname(), processStart: await processStart(process.pid), token };
  const prepared = `${file}.${randomUUID()}`;
  try {
    await writeFile(prepared, JSON.stringify(own));
    await link(prepared, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw writeError(file, error);
  } finally {
    await rm(prepared, { force: true });
  }
}

/** Only the holder of a second lock removes a stale one, after looking again: a lock just renewed is never removed. */
async function removeStale(file: string): Promise<void> {
  const guard = `${file}.takeover`;
  if (await createLock(guard)) {
    try {
      if (!(await runningHolder(file))) await rm(file, { force: true });
    } finally {
      await rm(guard, { force: true });
    }
  } else if (!(await runningHolder(guard))) {
    await rm(guard, { force: true });
  }
}

/** Who holds the lock; undefined when nobody does, the process is gone or the file is torn. */
async function runningHolder(file: string): Promise<Owner | undefined> {
  const owner = await ownerOf(file);
  return owner && (await isRunning(owner)) ? owner : undefined;
}

async function ownerOf(file: string): Promise<Owner | undefined> {
  return parseOwner(await readFile(file, 'utf8').catch(() => ''));
}

function parseOwner(text: string): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function isRunning(owner: Owner): Promise<boolean> {
  // Of another machine's processes nothing can be known from here.
  if (owner.host !== os.hostname()) return true;
  if (!isProcessAlive(owner.pid)) return false;
  return owner.processStart === null || owner.processStart === (await processStart(owner.pid));
}

/** Tells a process from a later one with the same number: boot id and start time. */
async function processStart(pid: number): Promise<string | null> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = processStat(pid);
    return stat === undefined ? null : `${boot.trim()}:${stat.started}`;
  } catch {
    return null;
  }
}

function busy(folder: string, file: string, owner: Owner): AppError {
  const where = owner.host === os.hostname() ? '' : ` on ${owner.host}`;
  return new AppError(
    'RUN_BUSY',
    `Process ${String(owner.pid)}${where} is using the run ${folder}; wait until it ends, or delete ${file} if it no longer runs.`,
  );
}
