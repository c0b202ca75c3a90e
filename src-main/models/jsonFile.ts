/** JSON files of a model folder. */
import { AppError } from '../util/appError.ts';
import { parseJson } from '../util/jsonDepth.ts';
import { readTextFile } from './byteFile.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** config.json has a few kB and the largest tokenizer.json in use some 35 MB; beyond this something is wrong. */
export const jsonLimits = { configBytes: 16 * 2 ** 20, tokenizerBytes: 256 * 2 ** 20 } as const;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A JSON file whose top is an object.
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, CONFIG_INVALID
 */
export async function readJsonObject(path: string, maxBytes: number = jsonLimits.configBytes): Promise<JsonObject> {
  const text = await readTextFile(path, maxBytes);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'CONFIG_INVALID',
      `${path} is not valid JSON (${reason}); take it from the model’s source again.`,
    );
  }
  if (!isJsonObject(value)) {
    throw new AppError('CONFIG_INVALID', `${path} does not hold a JSON object; take it from the model’s source again.`);
  }
  return value;
}

/** As {@link readJsonObject}, or undefined when there is no such file. */
export async function readOptionalJsonObject(
  path: string,
  maxBytes: number = jsonLimits.configBytes,
): Promise<JsonObject | undefined> {
  try {
    return await readJsonObject(path, maxBytes);
  } catch (error) {
    if (error instanceof AppError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
}
