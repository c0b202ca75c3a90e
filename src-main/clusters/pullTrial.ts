/** Brings the run of a trial home: its record, log and checkpoints, with their hashes checked. */
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { z } from 'zod';
import type { TrialPullRequest } from '../contract/sweeps.schema.ts';
import type { RunRecord } from '../contract/training.ts';
import { openCheckpoint } from '../runs/checkpoints.ts';
import { readRun, writeRun } from '../runs/runFolder.ts';
import { planTrials } from '../sweeps/planTrials.ts';
import { readSweep, trialFolder } from '../sweeps/sweepFolder.ts';
import { AppError } from '../util/appError.ts';
import { temporaryPath, writeError } from '../util/fsAtomic.ts';
import { Dashboard } from './dashboard.ts';
import { engineBundle } from './engineBundle.ts';
import { runFileJob } from './fileJob.ts';
import { ensurePackage } from './packages.ts';
import { remoteName, type ClusterServices } from './runOnTarget.ts';

/** What a run folder holds, and nothing else: an archive from elsewhere must not write anywhere. */
const runFile =
  /^(?:run\.json|metrics\.jsonl|frozen\.safetensors|samples\/[A-Za-z0-9_-][\w.-]*|checkpoints\/step-\d{6}\/[A-Za-z0-9_-][\w.-]*)$/;

const latestSchema = z.object({ file: z.string().regex(/^[\w.-]+$/), sha256: z.string() });

/**
 * Copies the run of a trial into a folder of its own, wherever it was trained.
 * @returns its record
 * @throws AppError TARGET_EXISTS, FILE_NOT_FOUND, RUN_INVALID, TARGET_UNFIT when there is no checkpoint yet,
 *   CHECKPOINT_DAMAGED when it did not arrive whole, DISK_FULL, CANCELLED
 */
export async function pullTrial(
  { folder, trial, out, target }: TrialPullRequest,
  services: ClusterServices,
  signal: AbortSignal,
): Promise<RunRecord> {
  const record = await readSweep(folder);
  const key = record?.keys[trial - 1];
  const planned = record === undefined ? undefined : planTrials(record.sweep)[trial - 1];
  if (record === undefined || key === undefined || planned === undefined) {
    throw new AppError('FILE_NOT_FOUND', `${folder} is not a sweep with a trial ${trial}; check path and number.`);
  }
  if (await exists(out)) {
    throw new AppError('TARGET_EXISTS', `The folder ${out} exists; choose another folder for the run.`);
  }
  const unfinished = temporaryPath(out);
  await rm(unfinished, { recursive: true, force: true });
  try {
    await mkdir(unfinished, { recursive: true });
    const here = trialFolder(folder, key);
    if (await exists(path.join(here, 'run.json'))) {
      await cp(here, unfinished, {
        recursive: true,
        filter: (source) => !path.basename(source).startsWith('run.lock'),
      });
    } else if (target === undefined) {
      throw new AppError('FILE_NOT_FOUND', `Trial ${trial} has no run on this machine yet; train it first.`);
    } else {
      const place = `sweeps/${remoteName(record, await realpath(folder))}/${key}`;
      await unpack(await fetchArchive(target, place, services, signal), unfinished);
    }
    const run = await atHome(unfinished, planned.config);
    await rename(unfinished, out);
    return run;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw writeError(out, error);
  }
}

/** The newest checkpoint in the storage: read there where this machine sees it, else through the job’s output. */
async function fetchArchive(
  call: NonNullable<TrialPullRequest['target']>,
  place: string,
  services: ClusterServices,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { storage } = call.target;
  const shared = path.join(storage, 'sara-studio', place);
  const text = storage.startsWith('/') ? await readFile(path.join(shared, 'latest.json'), 'utf8').catch(() => '') : '';
  if (text !== '') {
    const { file, sha256 } = latestSchema.parse(JSON.parse(text));
    return checked(await readFile(path.join(shared, file)), sha256);
  }
  const dashboard = await Dashboard.open(call, signal);
  try {
    const bundle = await ensurePackage(dashboard, await engineBundle(services.bundle), true);
    const job = { action: 'send', storage, argument: place } as const;
    const { answer, data } = await runFileJob(dashboard, bundle.address, job, signal);
    return checked(Buffer.concat(data.map((line) => Buffer.from(line, 'base64'))), answer.latest?.sha256);
  } finally {
    dashboard.close();
  }
}

function checked(content: Uint8Array, sha256: string | undefined): Uint8Array {
  if (createHash('sha256').update(content).digest('hex') === sha256) return content;
  throw new AppError('CHECKPOINT_DAMAGED', 'The run did not arrive whole from the cluster; fetch it again.');
}

async function unpack(archive: Uint8Array, folder: string): Promise<void> {
  for (const [name, content] of Object.entries(unzipSync(archive))) {
    if (!runFile.test(name))
      throw new AppError('RUN_INVALID', `The run from the cluster holds ${name}, which no run has.`);
    const file = path.join(folder, ...name.split('/'));
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content, { flush: true });
  }
}

/** The run with the paths of this machine, after a look at its checkpoints. */
async function atHome(folder: string, config: RunRecord['config']): Promise<RunRecord> {
  const run = await readRun(folder);
  for (const step of new Set([run.last?.step, run.best?.step])) {
    if (step !== undefined) await openCheckpoint(folder, step);
  }
  const isOver = run.state === 'done' || run.state === 'failed';
  const local: RunRecord = {
    ...run,
    config,
    model: { ...run.model, path: config.model },
    state: isOver ? run.state : 'stopped',
  };
  await writeRun(folder, local);
  return local;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
