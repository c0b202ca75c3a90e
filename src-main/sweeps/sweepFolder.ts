/**
 * The folder of a sweep:
 *
 *     sweep.json      what is tried, where it runs and which jobs were made for it (replaced atomically)
 *     points.jsonl    finished trials by their key (studies/pointStore.ts)
 *     trials/KEY/     the run of a trial, where it ran here or was fetched
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { sweepSchema, type Sweep } from '../contract/sweeps.schema.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { describeIssues } from '../util/validate.ts';

const recordName = 'sweep.json';

const recordSchema = z.object({
  version: z.literal(1),
  sweep: sweepSchema,
  /** The keys of the trials, in the order of their numbers. */
  keys: z.array(z.string()),
  /** A run that was sent to a cluster is kept as a sweep of one trial. */
  kind: z.literal('run').optional(),
  /** Name of the cluster; absent for this machine. */
  target: z.string().optional(),
  /** Jobs on the cluster, the newest last. */
  jobs: z.array(z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type SweepRecord = z.infer<typeof recordSchema>;

/** The record of a sweep; undefined where the folder holds none yet. @throws AppError DATA_INVALID when it is damaged */
export async function readSweep(folder: string): Promise<SweepRecord | undefined> {
  const file = path.join(folder, recordName);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const parsed = recordSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw new Error(describeIssues(parsed.error));
  } catch (error) {
    throw new AppError('DATA_INVALID', `${file} is damaged: ${String(error)}; choose another folder for the sweep.`, {
      cause: error,
    });
  }
}

/** @throws AppError DISK_FULL, NOT_WRITABLE */
export async function writeSweep(folder: string, record: SweepRecord): Promise<void> {
  await writeFileAtomic(path.join(folder, recordName), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * The record of the sweep that is about to run: the one in the folder where it is the same sweep, else a new one. Trials
 * that are done stay known by their keys, so a sweep may be given more values and goes on.
 */
export async function beginSweep(
  folder: string,
  sweep: Sweep,
  keys: readonly string[],
  { target, kind }: { readonly target?: string; readonly kind?: 'run' },
  now: string,
): Promise<SweepRecord> {
  const found = await readSweep(folder);
  const record: SweepRecord = {
    version: 1,
    sweep,
    keys: [...keys],
    ...(kind === undefined ? {} : { kind }),
    ...(target === undefined ? {} : { target }),
    jobs: found?.target === target ? (found?.jobs ?? []) : [],
    createdAt: found?.createdAt ?? now,
    updatedAt: now,
  };
  await writeSweep(folder, record);
  return record;
}

/** Folders of sweeps directly inside a store. */
export async function sweepFolders(store: string): Promise<string[]> {
  const entries = await readdir(store, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(store, entry.name));
}

/** Folder of the run of a trial: named by its key, since numbers change when a sweep is given more values. */
export function trialFolder(folder: string, key: string): string {
  return path.join(folder, 'trials', key.slice(0, 22));
}
