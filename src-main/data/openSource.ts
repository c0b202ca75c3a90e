import path from 'node:path';
import type { DataFormat } from '../contract/data.ts';
import { AppError } from '../util/appError.ts';
import { csvSource } from './csv.ts';
import { fileChunks } from './fileLines.ts';
import { jsonArraySource } from './jsonArray.ts';
import { isBlank, jsonLinesSource } from './jsonLines.ts';
import type { RowSource } from './sourceRow.ts';

/** The rows of a file of a format; nothing is read yet. */
export function openSource(file: string, format: DataFormat, signal: AbortSignal): RowSource {
  switch (format) {
    case 'jsonl':
      return jsonLinesSource(file, signal);
    case 'json':
      return jsonArraySource(file, signal);
    case 'csv':
      return csvSource(file, signal);
  }
}

/**
 * By the name's ending and, among the JSON forms, by the first character.
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, DATA_INVALID for a file of another kind, CANCELLED
 */
export async function findFormat(file: string, signal: AbortSignal): Promise<DataFormat> {
  const ending = path.extname(file).toLowerCase();
  if (ending === '.csv' || ending === '.tsv') return 'csv';
  const first = await firstCharacter(file, signal);
  if (first === '[') return 'json';
  if (first === '{' || ending === '.jsonl' || ending === '.ndjson' || ending === '.json') return 'jsonl';
  if (first === undefined) throw new AppError('DATA_INVALID', `${file} has no rows; choose a file with data.`);
  throw new AppError('DATA_INVALID', `${file} is neither JSON nor named .csv; give a JSONL, JSON or CSV file.`);
}

async function firstCharacter(file: string, signal: AbortSignal): Promise<string | undefined> {
  for await (const chunk of fileChunks(file, signal)) {
    const at = chunk.findIndex((byte) => !isBlank(Uint8Array.of(byte)));
    if (at >= 0) return String.fromCharCode(chunk[at] ?? 0);
  }
  return undefined;
}
