/** Results of studies as files in the store: one for each study and its settings. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { studyTitles, type StudyResult, type StudySummary } from '../contract/studies.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { parseJson } from '../util/jsonDepth.ts';
import { readTextAtMost } from '../util/readAtMost.ts';
import { keyOf } from './probeKey.ts';

/** The spectra of some thousand heads and matrices. */
const mostResultBytes = 256 * 2 ** 20;

/**
 * Keeps a result, in place of an earlier one of the same settings, and gives it back with its file.
 * @throws AppError DISK_FULL, NOT_WRITABLE
 */
export async function keepResult(store: string, result: StudyResult): Promise<StudyResult> {
  const hashes = result.models.map(({ hash }) => hash);
  const name = `${keyOf(result.study, { settings: result.settings, hashes }).slice(0, result.study.length + 13)}.json`;
  const file = path.join(store, name);
  const kept = { ...result, file };
  await writeFileAtomic(file, `${JSON.stringify(kept)}\n`);
  return kept;
}

/**
 * A result that was kept.
 * @throws AppError FILE_NOT_FOUND, DATA_INVALID when it is none
 */
export async function openResult(file: string): Promise<StudyResult> {
  let text: string;
  try {
    text = await readTextAtMost(file, mostResultBytes);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new AppError('DATA_INVALID', `${file} is not the result of a study: ${error.message}.`, { cause: error });
    }
    throw new AppError('FILE_NOT_FOUND', `The study ${file} cannot be read; check the path.`, { cause: error });
  }
  const result = parse(text);
  if (result !== undefined) return { ...result, file };
  throw new AppError('DATA_INVALID', `${file} is not the result of a study; run the study again.`);
}

/** The results in a store, the newest first. None where there is no such folder. */
export async function listResults(store: string): Promise<StudySummary[]> {
  const names = await readdir(store).catch(() => []);
  const summaries: StudySummary[] = [];
  for (const name of names.filter((entry) => entry.endsWith('.json'))) {
    const file = path.join(store, name);
    const result = await openResult(file).catch(() => undefined);
    if (result === undefined) continue;
    const { study, models, createdAt, points } = result;
    summaries.push({ path: file, study, models: models.map((model) => model.name), createdAt, points: points.total });
  }
  return summaries.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

function parse(text: string): StudyResult | undefined {
  try {
    const value = parseJson(text) as Partial<StudyResult> | null;
    const known = value?.version === 1 && value.study !== undefined && Object.hasOwn(studyTitles, value.study);
    return known ? (value as StudyResult) : undefined;
  } catch {
    return undefined;
  }
}
