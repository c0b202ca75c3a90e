import { readFile } from 'node:fs/promises';
import { AppError } from '../util/appError.ts';

/**
 * The settings in the file of `--config`; empty where none is given.
 * @throws AppError FILE_NOT_FOUND, SETTINGS_INVALID
 */
export async function configFile(path: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  if (path === undefined) return {};
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError('FILE_NOT_FOUND', `The configuration ${path} cannot be read; check the path.`, { cause: error });
  }
  try {
    return objectOf(JSON.parse(content));
  } catch (error) {
    throw new AppError('SETTINGS_INVALID', `The configuration ${path} is not valid JSON: ${String(error)}.`, {
      cause: error,
    });
  }
}

/** A value that should be an object, as one; empty where it is none. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
