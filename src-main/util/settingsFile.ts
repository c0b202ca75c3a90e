/** Reads the file of a run's settings, refusing what is not one with the reason. */
import { readFile, stat } from 'node:fs/promises';
import { settingsFileSchema, type SettingsFile } from '../contract/settingsFile.schema.ts';
import { settingsFileFormat, settingsFileVersion } from '../contract/settingsFile.ts';
import { AppError } from './appError.ts';
import { validate } from './validate.ts';

/** Ten chat templates of the largest size. */
const mostBytes = 2 ** 20;

/** @throws AppError FILE_NOT_FOUND, SETTINGS_INVALID */
export async function readSettingsFile(path: string): Promise<SettingsFile> {
  return settingsFrom(await readJson(path), path);
}

/**
 * The JSON in a file of settings.
 * @throws AppError FILE_NOT_FOUND, SETTINGS_INVALID
 */
export async function readJson(path: string): Promise<unknown> {
  let content: string;
  try {
    const { size } = await stat(path);
    if (size > mostBytes) {
      throw new AppError('SETTINGS_INVALID', `${path} is too large for a file of settings; choose another file.`);
    }
    content = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('FILE_NOT_FOUND', `The settings ${path} cannot be read; check the path.`, { cause: error });
  }
  try {
    return JSON.parse(content.replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    throw new AppError('SETTINGS_INVALID', `${path} is not valid JSON: ${String(error)}.`, { cause: error });
  }
}

/** Whether a value says of itself that it is a file of settings. */
export function claimsToBeSettings(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'format' in value;
}

/**
 * The settings in a value, defaults filled in where it leaves some out.
 * @param path names the file in what is said of a fault
 * @throws AppError SETTINGS_INVALID naming the setting and what is wrong with it
 */
export function settingsFrom(value: unknown, path: string): SettingsFile {
  const { format, version } = Object.assign({ format: undefined, version: undefined }, value) as Record<
    string,
    unknown
  >;
  if (format !== settingsFileFormat) {
    throw new AppError(
      'SETTINGS_INVALID',
      `${path} holds no settings of a run ("format" is not "${settingsFileFormat}"); choose a file that SARA Studio exported.`,
    );
  }
  if (typeof version === 'number' && version > settingsFileVersion) {
    throw new AppError(
      'SETTINGS_INVALID',
      `${path} was made by a newer SARA Studio (version ${version} of the file; this one reads ${settingsFileVersion}); update the app.`,
    );
  }
  const settings = validate(settingsFileSchema, value, path);
  const unknown = keysMissingIn(settings, value);
  if (unknown.length === 0) return settings;
  throw new AppError(
    'SETTINGS_INVALID',
    `${path} is not valid: ${unknown.slice(0, 3).join(', ')}: no such setting; check the spelling or take it out.`,
  );
}

/** Paths of the keys of `given` that `read` does not have: what a schema has passed over. */
function keysMissingIn(read: unknown, given: unknown, at = ''): string[] {
  if (!isRecord(given)) return [];
  return Object.entries(given).flatMap(([key, value]) => {
    const place = at === '' ? key : `${at}.${key}`;
    if (!isRecord(read) || !Object.hasOwn(read, key)) return [place];
    return keysMissingIn(read[key], value, place);
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
