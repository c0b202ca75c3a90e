import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SpeedMeasurement } from '../contract/speed.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { cacheDirectory } from '../util/paths.ts';
import { keptSpeedSchema } from './kept.schema.ts';
import { thisComputer, type ComputerFacts } from './thisComputer.ts';

/**
 * The measurement that counts here; undefined where there is none, where its file is damaged, and where it was made on
 * another processor or with another engine.
 */
export async function keptSpeed(computer?: ComputerFacts): Promise<SpeedMeasurement | undefined> {
  const here = computer ?? (await thisComputer());
  try {
    const { version: _, ...kept } = keptSpeedSchema.parse(JSON.parse(await readFile(keptPath(), 'utf8')));
    const same = kept.processor === here.processor && kept.cores === here.cores && kept.engine === here.engine;
    return same ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a measurement in the place of an earlier one. @throws AppError DISK_FULL, NOT_WRITABLE */
export async function keepMeasurement(measurement: SpeedMeasurement): Promise<void> {
  await writeFileAtomic(keptPath(), `${JSON.stringify({ version: 1, ...measurement })}\n`);
}

function keptPath(): string {
  return path.join(cacheDirectory(), 'thread-speed.json');
}
