/** The folder of all runs: names for new ones, the list, and which of them are really at work. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { RunSummary } from '../contract/routes.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { RunRecord } from '../contract/training.ts';
import { listRuns, readRun } from '../runs/runFolder.ts';
import { isLeftover, isRunHeld, lockRun } from '../runs/runLock.ts';
import { AppError } from '../util/appError.ts';
import { removeUnfinished, temporaryPath, writeError } from '../util/fsAtomic.ts';

export class RunFolders {
  readonly directory: string;

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
      await mkdir(this.directory, { recursive: true });
      for (let number = 1; ; number++) {
        const folder = path.join(this.directory, number === 1 ? name : `${name} ${number}`);
        if (await makeFolder(folder)) return folder;
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
    const runs = await listRuns(this.directory);
    return Promise.all(
      runs.map(async ({ path: folder, record }) => ({ path: folder, record: await truthful(folder, record) })),
    );
  }

  /** The record of a run. @throws AppError RUN_INVALID */
  async read(folder: string): Promise<RunRecord> {
    return truthful(folder, await readRun(folder));
  }

  /**
   * Deletes a run of the workspace for good.
   * @throws AppError FORBIDDEN for any other folder, RUN_INVALID for what is not a run, RUN_BUSY while it is trained
   */
  async delete(folder: string): Promise<void> {
    if (path.dirname(path.resolve(folder)) !== path.resolve(this.directory)) {
      throw new AppError('FORBIDDEN', `${folder} is not a run of the workspace; delete it in the file manager.`);
    }
    await readRun(folder);
    // Held while the files go, so that no training starts on half a run.
    await lockRun(folder);
    // Renamed first: a deletion that is cut short leaves nothing that looks like a run.
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
async function makeFolder(folder: string): Promise<boolean> {
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
