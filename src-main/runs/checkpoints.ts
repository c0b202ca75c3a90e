/**
 * Checkpoints of a run: `checkpoints/step-000024/` with `adapter.safetensors`, `optimizer.safetensors` and
 * `state.json`, which holds the sha256 of the two and of its own content. A checkpoint is written to a temporary
 * folder, synced and renamed: whatever has the name is whole, unless the disk changes it later. Files that all
 * checkpoints of a run share lie once in its folder, and `state.json` holds their sha256 too.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../util/appError.ts';
import { parseJson } from '../util/jsonDepth.ts';
import { syncFile, syncFolder, temporaryPath, writeError } from '../util/fsAtomic.ts';
import { mostRunFileBytes, readTextAtMost } from '../util/readAtMost.ts';
import { checkpointStateSchema, type CheckpointState } from './checkpointState.schema.ts';

const stateName = 'state.json';
/** What to do about a damaged file, where others are left. */
const earlier = 'resume from an earlier checkpoint';
const fileSchema = z.object({ bytes: z.number().int().nonnegative(), sha256: z.string() });
/** A name without folders: a run from somebody else must not have other files read. */
const plainName = z.string().regex(/^[\w-][\w.-]*$/);
const contentSchema = z.object({
  files: z.record(plainName, fileSchema),
  /** By name in the run's folder; absent where there are none, as in checkpoints of 0.1.0. */
  shared: z.record(plainName, fileSchema).optional(),
  state: checkpointStateSchema,
});
const storedSchema = z.object({ version: z.literal(1), sha256: z.string(), content: z.json() });

/** Size and hash of files in a run's folder that its checkpoints share, by name. */
export type SharedFiles = Readonly<Record<string, z.infer<typeof fileSchema>>>;

export interface Checkpoint {
  readonly step: number;
  readonly folder: string;
  readonly state: CheckpointState;
  readonly shared?: SharedFiles | undefined;
}

/**
 * Writes a checkpoint; one of the same step is replaced.
 * @param writeFiles writes the checkpoint's files into the folder it is given
 * @param shared what {@link writeSharedFile} gave of the files it needs besides
 * @returns the checkpoint's folder
 * @throws AppError DISK_FULL, NOT_WRITABLE, FILE_NOT_FOUND when the run is gone; nothing half-written is left then
 */
export async function writeCheckpoint(
  run: string,
  state: CheckpointState,
  writeFiles: (folder: string) => Promise<void>,
  shared: SharedFiles = {},
): Promise<string> {
  const folder = checkpointFolder(run, state.step);
  const unfinished = temporaryPath(folder);
  try {
    await makeCheckpointsFolder(run);
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished);
    await writeFiles(unfinished);
    const files: Record<string, z.infer<typeof fileSchema>> = {};
    for (const name of (await readdir(unfinished)).sort()) files[name] = await syncedFile(path.join(unfinished, name));
    const content = { files, ...(Object.keys(shared).length === 0 ? {} : { shared }), state };
    const stateFile = path.join(unfinished, stateName);
    await writeFile(stateFile, `${JSON.stringify({ version: 1, sha256: hashText(content), content })}\n`);
    await syncFile(stateFile);
    await syncFolder(unfinished);
    const replaced = `${unfinished}.old`;
    const replaces = await rename(folder, replaced).then(
      () => true,
      () => false,
    );
    await rename(unfinished, folder);
    await syncFolder(path.dirname(folder));
    if (replaces) await rm(replaced, { recursive: true, force: true });
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw writeError(folder, error);
  }
  return folder;
}

/**
 * Writes a file of a run's folder that checkpoints refer to; one that is there is replaced.
 * @param write writes the file it is given
 * @throws AppError DISK_FULL, NOT_WRITABLE, FILE_NOT_FOUND when the run is gone; nothing half-written is left then
 */
export async function writeSharedFile(
  run: string,
  name: string,
  write: (file: string) => Promise<void>,
): Promise<SharedFiles> {
  const target = path.join(run, name);
  const unfinished = temporaryPath(target);
  try {
    await write(unfinished);
    const facts = await syncedFile(unfinished);
    await rename(unfinished, target);
    await syncFolder(run);
    return { [name]: facts };
  } catch (error) {
    await rm(unfinished, { force: true });
    throw writeError(target, error);
  }
}

async function syncedFile(file: string): Promise<z.infer<typeof fileSchema>> {
  await syncFile(file);
  return { bytes: (await stat(file)).size, sha256: await hashFile(file) };
}

/** Never makes the run's folder itself: where that is gone, its drive is, and nothing may appear in its place. */
async function makeCheckpointsFolder(run: string): Promise<void> {
  await mkdir(path.join(run, 'checkpoints')).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

/** Steps of the checkpoints that are there, ascending; they may be damaged. */
export async function checkpointSteps(run: string): Promise<number[]> {
  const names = await readdir(path.join(run, 'checkpoints')).catch(() => []);
  return names
    .map((name) => /^step-(\d{6,})$/.exec(name)?.[1])
    .flatMap((digits) => (digits === undefined ? [] : [Number(digits)]))
    .sort((a, b) => a - b);
}

/**
 * Opens a checkpoint after comparing every file with its checksum.
 * @throws AppError CHECKPOINT_DAMAGED naming the file
 */
export async function openCheckpoint(run: string, step: number): Promise<Checkpoint> {
  const folder = checkpointFolder(run, step);
  const { files, shared, state } = await readState(folder);
  await compareFiles(folder, files, earlier);
  await compareFiles(
    run,
    shared ?? {},
    'every checkpoint of the run needs it, so put it back from a copy or train again',
  );
  if (state.step !== step) throw damaged(path.join(folder, stateName), `it belongs to step ${String(state.step)}`);
  return { step, folder, state, ...(shared === undefined ? {} : { shared }) };
}

/** @param advice what to do about a file that is not what it was */
async function compareFiles(folder: string, files: SharedFiles, advice: string): Promise<void> {
  for (const [name, expected] of Object.entries(files)) {
    const file = path.join(folder, name);
    const actual = await hashFile(file).catch(() => undefined);
    if (actual === undefined) throw damaged(file, 'it is missing or cannot be read', { advice });
    if (actual !== expected.sha256) throw damaged(file, 'its content does not match its checksum', { advice });
  }
}

/**
 * The newest sound checkpoint, and what is wrong with newer ones.
 * @throws AppError RUN_INVALID when there is none, CHECKPOINT_DAMAGED when none is sound
 */
export async function openNewestCheckpoint(
  run: string,
): Promise<{ readonly checkpoint: Checkpoint; readonly damaged: readonly AppError[] }> {
  const faults: AppError[] = [];
  for (const step of (await checkpointSteps(run)).reverse()) {
    try {
      return { checkpoint: await openCheckpoint(run, step), damaged: faults };
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'CHECKPOINT_DAMAGED')) throw error;
      faults.push(error);
    }
  }
  throw (
    faults[0] ??
    new AppError('RUN_INVALID', `The run ${run} has no checkpoint, so it cannot be resumed or used; train it again.`)
  );
}

/** Deletes all but the best checkpoint and the newest `keep` others. */
export async function pruneCheckpoints(run: string, keep: number, bestStep: number | undefined): Promise<void> {
  const steps = (await checkpointSteps(run)).filter((step) => step !== bestStep);
  const superfluous = steps.slice(0, Math.max(0, steps.length - keep));
  for (const step of superfluous) await removeCheckpoint(run, step);
}

/** Deletes the checkpoints of later steps, which a run resumed at `step` makes anew. */
export async function dropCheckpointsAfter(run: string, step: number): Promise<void> {
  for (const later of (await checkpointSteps(run)).filter((s) => s > step)) await removeCheckpoint(run, later);
}

/** Folder of the checkpoint of a step, whether it is there or not. */
export function checkpointFolder(run: string, step: number): string {
  return path.join(run, 'checkpoints', `step-${String(step).padStart(6, '0')}`);
}

/** Renamed first, so that a deletion that is cut short leaves nothing that looks like a checkpoint. */
async function removeCheckpoint(run: string, step: number): Promise<void> {
  const folder = checkpointFolder(run, step);
  const doomed = `${temporaryPath(folder)}.old`;
  await rename(folder, doomed);
  await rm(doomed, { recursive: true, force: true });
}

async function readState(folder: string): Promise<z.infer<typeof contentSchema>> {
  const file = path.join(folder, stateName);
  let stored: z.infer<typeof storedSchema>;
  let content: z.infer<typeof contentSchema>;
  try {
    stored = storedSchema.parse(parseJson(await readTextAtMost(file, mostRunFileBytes)));
    content = contentSchema.parse(stored.content);
  } catch (error) {
    throw damaged(file, 'it is missing or not a checkpoint state', { cause: error });
  }
  if (hashText(stored.content) !== stored.sha256) throw damaged(file, 'its content does not match its checksum');
  return content;
}

function damaged(file: string, what: string, cause?: unknown): AppError {
  return new AppError(
    'CHECKPOINT_DAMAGED',
    `The checkpoint file ${file} is damaged: ${what}; use an earlier checkpoint.`,
    { cause },
  );
}

function hashText(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  // A buffer no larger than the file: most files of a checkpoint are small.
  const highWaterMark = Math.min(1 << 20, Math.max(1024, (await stat(file)).size));
  for await (const chunk of createReadStream(file, { highWaterMark })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
