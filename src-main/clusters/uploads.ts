/**
 * What a cluster gets of this machine: the model and the data files of a sweep, and nothing else. Files go in pieces
 * named by their hash; a piece that is in the storage is not sent again.
 */
import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { findPlace } from '../data/openSource.ts';
import type { ReadyTrial } from '../sweeps/planTrials.ts';
import { isElsewhere } from '../sweeps/trialKey.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';

/** Bytes of a piece: several fit into one package of the dashboard. */
export const pieceBytes = 32 * 2 ** 20;

export interface UploadPiece {
  readonly sha256: string;
  readonly file: string;
  readonly from: number;
  readonly bytes: number;
}

/** A file or folder, as a node puts it together again. */
export interface Upload {
  readonly key: string;
  /** Path of the file or folder below the upload’s own. */
  readonly root: string;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly parts: readonly string[] }[];
}

export interface PlannedUploads {
  /** By the place that configurations name. */
  readonly uploads: Readonly<Record<string, Upload>>;
  readonly pieces: readonly UploadPiece[];
  readonly bytes: number;
}

/** Files of a model folder that training reads; what else lies in the folder stays here. */
const modelFiles = /\.(?:safetensors|json|jinja|model|txt)$|^merges\.txt$|^vocab\./;

/** @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, CANCELLED */
export async function planUploads(trials: readonly ReadyTrial[], signal: AbortSignal): Promise<PlannedUploads> {
  const uploads: Record<string, Upload> = {};
  const pieces = new Map<string, UploadPiece>();
  const plan = async (place: string, filesOf: () => Promise<readonly string[]>): Promise<void> => {
    if (isElsewhere(place) || place in uploads) return;
    uploads[place] = await planUpload(place, await filesOf(), pieces, signal);
  };
  for (const { config } of trials) {
    await plan(config.model, async () => filesOfModel(config.model));
    const { path: rows, validationPath } = config.data;
    for (const data of [rows, validationPath]) {
      if (data !== undefined) await plan(data, async () => (await findPlace(data, signal)).files ?? [data]);
    }
  }
  const all = [...pieces.values()];
  return { uploads, pieces: all, bytes: all.reduce((sum, { bytes }) => sum + bytes, 0) };
}

async function filesOfModel(model: string): Promise<string[]> {
  const found = await stat(model).catch((error: unknown) => {
    throw new AppError('FILE_NOT_FOUND', `The model ${model} cannot be read; check the path.`, { cause: error });
  });
  if (!found.isDirectory()) return [model];
  const names = (await readdir(model)).filter((name) => modelFiles.test(name)).sort();
  return names.map((name) => path.join(model, name));
}

async function planUpload(
  place: string,
  files: readonly string[],
  pieces: Map<string, UploadPiece>,
  signal: AbortSignal,
): Promise<Upload> {
  const isFile = files.length === 1 && files[0] === place;
  const root = path.basename(place);
  const planned: { name: string; sha256: string; parts: string[] }[] = [];
  for (const file of files) {
    const name = isFile ? root : `${root}/${path.relative(place, file).split(path.sep).join('/')}`;
    planned.push({ name, ...(await hashPieces(file, pieces, signal)) });
  }
  const key = createHash('sha256').update(JSON.stringify(planned)).digest('hex').slice(0, 32);
  return { key, root, files: planned };
}

async function hashPieces(
  file: string,
  pieces: Map<string, UploadPiece>,
  signal: AbortSignal,
): Promise<{ sha256: string; parts: string[] }> {
  const whole = createHash('sha256');
  const parts: string[] = [];
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw new AppError('FILE_UNREADABLE', `${file} cannot be read; check its permissions.`, { cause: error });
  });
  try {
    const buffer = new Uint8Array(pieceBytes);
    for (let from = 0; ; from += pieceBytes) {
      throwIfCancelled(signal);
      const { bytesRead } = await handle.read(buffer, 0, pieceBytes, from);
      if (bytesRead === 0 && from > 0) break;
      const piece = buffer.subarray(0, bytesRead);
      whole.update(piece);
      const sha256 = createHash('sha256').update(piece).digest('hex');
      parts.push(sha256);
      pieces.set(sha256, { sha256, file, from, bytes: bytesRead });
      if (bytesRead < pieceBytes) break;
    }
  } finally {
    await handle.close();
  }
  return { sha256: whole.digest('hex'), parts };
}

/** The bytes of a piece. @throws AppError DATA_INVALID when the file has changed since it was hashed */
export async function readPiece({ file, from, bytes, sha256 }: UploadPiece): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const content = new Uint8Array(bytes);
    await handle.read(content, 0, bytes, from);
    if (createHash('sha256').update(content).digest('hex') === sha256) return content;
    throw new AppError('DATA_INVALID', `${file} has changed while it was sent; start again.`);
  } finally {
    await handle.close();
  }
}
