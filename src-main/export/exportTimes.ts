/** How long exports took on this computer, so that the next ones can be announced with a time. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { exportFormatNames, type ExportFormat } from '../contract/exportFormats.ts';
import { isJsonObject } from '../models/jsonFile.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { cacheDirectory } from '../util/paths.ts';

interface MeasuredTime {
  readonly format: ExportFormat;
  /** Parameters of the model: the proof runs it twice whatever is written. */
  readonly parameters: number;
  readonly seconds: number;
}

const entriesKept = 60;
/** A time is carried over to a model of up to this many times more or fewer parameters. */
const likeSize = 8;

/**
 * Seconds to expect by format, scaled from the measured export nearest in size; a format that was never measured takes
 * the slowest of the others. Empty before anything comparable was measured.
 */
export async function expectedSeconds(parameters: number): Promise<Partial<Record<ExportFormat, number>>> {
  const distance = (time: MeasuredTime): number => Math.abs(Math.log(time.parameters / parameters));
  const near = (await readTimes())
    .filter((time) => distance(time) <= Math.log(likeSize))
    .sort((a, b) => distance(a) - distance(b));
  const scaled = (time: MeasuredTime): number => (time.seconds * parameters) / time.parameters;
  const slowest = near.length === 0 ? undefined : Math.max(...near.map(scaled));
  return Object.fromEntries(
    exportFormatNames.flatMap((format) => {
      const own = near.find((time) => time.format === format);
      const seconds = own === undefined ? slowest : scaled(own);
      return seconds === undefined ? [] : [[format, seconds]];
    }),
  );
}

/** Remembers an export. A cache that cannot be written costs the next card its time, nothing else. */
export async function keepTime(time: MeasuredTime): Promise<void> {
  const others = (await readTimes()).filter(
    ({ format, parameters }) => format !== time.format || parameters !== time.parameters,
  );
  const file = { version: 1, times: [...others, time].slice(-entriesKept) };
  await writeFileAtomic(timesPath(), `${JSON.stringify(file)}\n`).catch(() => undefined);
}

function timesPath(): string {
  return path.join(cacheDirectory(), 'export-times.json');
}

async function readTimes(): Promise<MeasuredTime[]> {
  try {
    const file: unknown = JSON.parse(await readFile(timesPath(), 'utf8'));
    if (!isJsonObject(file) || file['version'] !== 1 || !Array.isArray(file['times'])) return [];
    return file['times'].filter(isMeasuredTime);
  } catch {
    return [];
  }
}

function isMeasuredTime(value: unknown): value is MeasuredTime {
  if (!isJsonObject(value)) return false;
  const { format, parameters, seconds } = value;
  return (
    exportFormatNames.some((name) => name === format) &&
    typeof parameters === 'number' &&
    parameters > 0 &&
    typeof seconds === 'number' &&
    seconds > 0
  );
}
