import { claimsToBeSettings, readJson, settingsFrom } from '../util/settingsFile.ts';

/**
 * The settings in the file of `--config`; empty where none is given.
 * @throws AppError FILE_NOT_FOUND, SETTINGS_INVALID
 */
export async function configFile(path: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  return path === undefined ? {} : objectOf(await readJson(path));
}

/** What the settings of a file were made for, where the app exported it. */
export interface MadeFor {
  readonly model: string;
  readonly data: string;
  readonly validation?: string;
}

/**
 * The settings of a run in the file of `--config`: a configuration, or settings that the app exported.
 * @throws AppError FILE_NOT_FOUND, SETTINGS_INVALID
 */
export async function runConfigFile(
  path: string | undefined,
): Promise<{ readonly settings: Readonly<Record<string, unknown>>; readonly madeFor?: MadeFor }> {
  if (path === undefined) return { settings: {} };
  const value = await readJson(path);
  if (!claimsToBeSettings(value)) return { settings: objectOf(value) };
  const { model, data, training } = settingsFrom(value, path);
  const { file, validationFile, ...ofRows } = data;
  return {
    settings: { ...training, data: ofRows },
    madeFor: { model, data: file, ...(validationFile === undefined ? {} : { validation: validationFile }) },
  };
}

/** A value that should be an object, as one; empty where it is none. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
