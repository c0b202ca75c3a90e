/** When two trials are one and the same training: equal weights, equal data files and equal settings. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { TrainConfig } from '../contract/requests.schema.ts';
import { openModel } from '../models/open.ts';
import { keyOf } from '../studies/probeKey.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import type { ReadyTrial } from './planTrials.ts';

/** Part of every key: raised when the same settings no longer give the same loss. */
const version = 1;

/** What is not on this machine: a model of the hub, or a path that the cluster’s nodes see. */
export function isElsewhere(place: string): boolean {
  return /^(?:hf|cluster):/.test(place);
}

/**
 * The key of each trial. Every file is hashed once.
 * @throws AppError as models do, FILE_NOT_FOUND for data, CANCELLED
 */
export async function trialKeys(trials: readonly ReadyTrial[], signal: AbortSignal): Promise<string[]> {
  const known = new Map<string, Promise<string>>();
  const once = async (place: string, hash: (place: string) => Promise<string>): Promise<string> => {
    const found = known.get(place) ?? (isElsewhere(place) ? Promise.resolve(place) : hash(place));
    known.set(place, found);
    return found;
  };
  const keys: string[] = [];
  for (const { config } of trials) {
    const { path: rows, validationPath, ...data } = config.data;
    const weights = await once(config.model, async (place) => hashOfModel(place, signal));
    const files = [rows, ...(validationPath === undefined ? [] : [validationPath])];
    const hashes = await Promise.all(files.map(async (file) => once(file, async (place) => hashOfPath(place, signal))));
    keys.push(keyOf('trial', { version, weights, hashes, settings: settingsOf({ ...config, data }) }));
  }
  return keys;
}

/** What of the settings makes no difference to the losses is left out. */
function settingsOf(config: Omit<TrainConfig, 'data'> & { readonly data: object }): object {
  const {
    model: _model,
    keepCheckpoints: _keep,
    saveEvery: _save,
    samplePrompts: _samples,
    products,
    ...rest
  } = config;
  // Trials from before there was a choice are float32, and stay known.
  return products === 'float32' ? rest : { ...rest, products };
}

async function hashOfModel(place: string, signal: AbortSignal): Promise<string> {
  const model = await openModel(place, signal);
  try {
    return await model.source.hash(signal);
  } finally {
    await model.close();
  }
}

/** sha256 of a file, or of the names and contents below a folder. @throws AppError FILE_NOT_FOUND */
async function hashOfPath(place: string, signal: AbortSignal): Promise<string> {
  const found = await stat(place).catch((error: unknown) => {
    throw new AppError('FILE_NOT_FOUND', `${place} cannot be read; check the path.`, { cause: error });
  });
  const hash = createHash('sha256');
  if (found.isDirectory()) {
    for (const name of (await readdir(place)).sort()) {
      hash.update(`${name}\0${await hashOfPath(path.join(place, name), signal)}\n`);
    }
    return hash.digest('hex');
  }
  for await (const chunk of createReadStream(place, { highWaterMark: 1 << 20 })) {
    throwIfCancelled(signal);
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}
