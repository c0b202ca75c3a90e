/**
 * `samples/` of a run folder:
 *
 *     best.json     the held-out rows that went best and worst at the best evaluation
 *     last.json     the same at the last evaluation
 *     start.json    the loss of every held-out row before training, in their order
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import type { RunSamples, ValidationSamples } from '../contract/samples.ts';
import { writeError, writeFileAtomic } from '../util/fsAtomic.ts';
import { parseJson } from '../util/jsonDepth.ts';
import { mostRunFileBytes, readTextAtMost } from '../util/readAtMost.ts';
import { startLossesSchema, validationSamplesSchema } from './validationSamples.schema.ts';

const folderName = 'samples';

/** @throws AppError NOT_WRITABLE, DISK_FULL */
export async function writeSamples(run: string, which: 'best' | 'last', samples: ValidationSamples): Promise<void> {
  await write(run, which, samples);
}

/** @throws AppError NOT_WRITABLE, DISK_FULL */
export async function writeStartLosses(run: string, losses: readonly number[]): Promise<void> {
  await write(run, 'start', losses);
}

/** What is there; what is damaged counts as not there, since a training can be read without it. */
export async function readSamples(run: string): Promise<RunSamples> {
  const [best, last] = await Promise.all([
    read(run, 'best', validationSamplesSchema),
    read(run, 'last', validationSamplesSchema),
  ]);
  return { ...(best === undefined ? {} : { best }), ...(last === undefined ? {} : { last }) };
}

/** The losses before training; undefined where they were not kept. */
export async function readStartLosses(run: string): Promise<readonly number[] | undefined> {
  return read(run, 'start', startLossesSchema);
}

async function write(run: string, name: string, content: unknown): Promise<void> {
  const folder = path.join(run, folderName);
  // Never the run folder itself: where its drive was taken away, nothing is written in its place.
  await mkdir(folder).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw writeError(folder, error);
  });
  await writeFileAtomic(path.join(folder, `${name}.json`), `${JSON.stringify(content)}\n`);
}

async function read<T>(run: string, name: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    const text = await readTextAtMost(path.join(run, folderName, `${name}.json`), mostRunFileBytes);
    return schema.safeParse(parseJson(text)).data;
  } catch {
    return undefined;
  }
}
