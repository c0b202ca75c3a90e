/** The folder of all runs: names for new ones, the list, and which of them are really at work. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { RunSummary } from '../contract/routes.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { RunRecord } from '../contract/training.ts';
import { readRun } from '../runs/runFolder.ts';
import { isLeftover, isRunHeld, lockRun } from '../runs/runLock.ts';
import { readRunNotes } from '../runs/runNotes.ts';
import { AppError } from '../util/appError.ts';
import { makeFolder, removeUnfinished, temporaryPath, writeError } from '../util/fsAtomic.ts';

/** Runs read at a time: enough to keep the disk busy, few enough for the limit of open files. */
const readTogether = 32;

export class RunFolders {
  readonly directory: string;
  /** Records by folder, with what tells that `run.json` is still the one that was read. */
  readonly #known = new Map<string, { readonly stamp: string; readonly record: RunRecord }>();

  constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * Makes an empty folder with a name that tells model, method and day, e.g. `2026-03-01 smollm2 sara`, and a number
   * where that exists. @throws AppError NOT_WRITABLE, DISK_FULL
   */
  async create(config: TrainConfig, today: Date): Promise<string> {
    const day = today.toISOString().slice(0, 10);
    const model = path.basename(config.model, path.extname(config.model) === '.gguf' ? '.gguf' : '');
    const name = `${day} ${model.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 60)} ${config.method.name}`;
    try {
      await makeFolder(this.directory);
      for (let number = 1; ; number++) {
        const folder = path.join(this.directory, number === 1 ? name : `${name} ${number}`);
        if (await takeName(folder)) return folder;
      }
    } catch (error) {
      throw writeError(this.directory, error);
    }
  }

  /** Takes a folder from `create` back when nothing was written to it but what a killed process leaves. */
  async discardEmpty(folder: string): Promise<void> {
    const present = await readdir(folder).catch(() => undefined);
    if (present?.every(isLeftover) !== true || (await isRunHeld(folder))) return;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }

  /** All runs, the last used first. */
  async list(): Promise<RunSummary[]> {
    const entries = await readdir(this.directory, { withFileTypes: true }).catch(() => []);
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(this.directory, name));
    const runs: RunSummary[] = [];
    for (let from = 0; from < folders.length; from += readTogether) {
      const read = await Promise.all(folders.slice(from, from + readTogether).map(async (one) => this.#summary(one)));
      runs.push(...read.filter((run) => run !== undefined));
    }
    return runs.sort((a, b) => (a.record.updatedAt < b.record.updatedAt ? 1 : -1));
  }

  /** What a list shows of a run; undefined for a folder that is no sound run. */
  async #summary(folder: string): Promise<RunSummary | undefined> {
    try {
      const file = await stat(path.join(folder, 'run.json')).catch(() => undefined);
      const stamp = `${String(file?.mtimeMs)} ${String(file?.size)}`;
      const known = this.#known.get(folder);
      const record = known?.stamp === stamp ? known.record : await readRun(folder);
      this.#known.set(folder, { stamp, record });
      const { ranks: _, ...overview } = await truthful(folder, record);
      return { path: folder, record: overview, notes: await readRunNotes(folder) };
    } catch {
      return undefined;
    }
  }

  /** The record of a run. @throws AppError RUN_INVALID */
  async read(folder: string): Promise<RunRecord> {
    return truthful(folder, await readRun(folder));
  }

  /** What is left to do of a training that was cut off. */
  async fate(folder: string): Promise<'resume' | 'anew' | 'over'> {
    const record = await readRun(folder).catch(() => undefined);
    if (record === undefined) return 'anew';
    return record.state === 'done' ? 'over' : 'resume';
  }

  /**
   * Takes a run out of the workspace.
   * @param moveAway where its folder goes; left out, it is deleted for good
   * @throws AppError FORBIDDEN for any other folder, RUN_INVALID for what is not a run, RUN_BUSY while it is trained
   */
  async delete(folder: string, moveAway?: (folder: string) => Promise<void>): Promise<void> {
    if (path.dirname(path.resolve(folder)) !== path.resolve(this.directory)) {
      throw new AppError('FORBIDDEN', `${folder} is not a run of the workspace; delete it in the file manager.`);
    }
    await readRun(folder);
    const lock = await lockRun(folder);
    if (moveAway !== undefined) {
      // A run that comes back from the trash must not be locked.
      await lock.release();
      return moveAway(folder);
    }
    // Held while the files go, so that no training starts on half a run. Renamed first: a deletion that is cut short
    // leaves nothing that looks like a run.
    const doomed = temporaryPath(folder);
    await rename(folder, doomed);
    await rm(doomed, { recursive: true, force: true });
  }

  /**
   * Removes what killed processes have left among the runs: folders of runs that never began, and deletions that were
   * cut short. For the start of the app; a folder that a living process holds is left alone.
   */
  async removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.directory).catch(() => [])) {
      await this.discardEmpty(path.join(this.directory, name));
    }
    await removeUnfinished(this.directory);
  }
}

/** True when the folder was made, false when the name is taken. */
async function takeName(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A process that was ended cannot write its last state: a run "at work" that nobody holds has stopped. */
async function truthful(folder: string, record: RunRecord): Promise<RunRecord> {
  if (!['created', 'running', 'paused'].includes(record.state)) return record;
  return (await isRunHeld(folder)) ? record : { ...record, state: 'stopped' };
}
