import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { DataFormat } from '../contract/data.ts';
import { AppError } from '../util/appError.ts';
import { csvSource } from './csv.ts';
import { documentSource } from './document.ts';
import { fileChunks, fileError } from './fileLines.ts';
import { dataFilesIn, folderSource } from './folder.ts';
import { jsonArraySource } from './jsonArray.ts';
import { isBlank, jsonLinesSource } from './jsonLines.ts';
import { parquetSource } from './parquet.ts';
import type { RowPosition, RowSource } from './sourceRow.ts';

/** A file or folder whose format is known. */
export interface DataPlace {
  readonly path: string;
  readonly format: DataFormat;
  /** Of a folder: its data files in order, and documents that are left out. */
  readonly files?: readonly string[];
  readonly ignored?: readonly string[];
}

/**
 * What a path holds: by the name's ending and, among the JSON forms, by the first character.
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, DATA_INVALID for a file of another kind, CANCELLED
 */
export async function findPlace(place: string, signal: AbortSignal): Promise<DataPlace> {
  const found = await stat(place).catch((error: unknown) => {
    throw fileError(place, error);
  });
  if (found.isDirectory()) return { path: place, format: 'folder', ...(await dataFilesIn(place, signal)) };
  return { path: place, format: await findFormat(place, signal) };
}

/** The rows of a place, from a position on; nothing is read yet. */
export function openSource(place: DataPlace, signal: AbortSignal, from?: RowPosition): RowSource {
  switch (place.format) {
    case 'jsonl':
      return jsonLinesSource(place.path, signal, from);
    case 'json':
      return jsonArraySource(place.path, signal, from);
    case 'csv':
      return csvSource(place.path, signal, from);
    case 'parquet':
      return parquetSource(place.path, signal, from);
    case 'text':
      return documentSource(place.path, signal, from);
    case 'folder': {
      const openFile = async (path: string, inner: RowPosition | undefined): Promise<RowSource> =>
        openSource({ path, format: await findFormat(path, signal) }, signal, inner);
      return folderSource(place.path, place.files ?? [], openFile, from);
    }
  }
}

async function findFormat(file: string, signal: AbortSignal): Promise<Exclude<DataFormat, 'folder'>> {
  const ending = path.extname(file).toLowerCase();
  if (ending === '.csv' || ending === '.tsv') return 'csv';
  if (ending === '.parquet') return 'parquet';
  if (ending === '.txt' || ending === '.md') return 'text';
  const first = await firstCharacter(file, signal);
  if (first === '[') return 'json';
  if (first === '{' || ending === '.jsonl' || ending === '.ndjson' || ending === '.json') return 'jsonl';
  if (first === undefined) throw new AppError('DATA_INVALID', `${file} has no rows; choose a file with data.`);
  throw new AppError(
    'DATA_INVALID',
    `${file} is neither JSON nor named .csv, .parquet, .txt or .md; give a JSONL, JSON, CSV, Parquet or text file.`,
  );
}

async function firstCharacter(file: string, signal: AbortSignal): Promise<string | undefined> {
  for await (const { bytes } of fileChunks(file, signal)) {
    const at = bytes.findIndex((byte) => !isBlank(Uint8Array.of(byte)));
    if (at >= 0) return String.fromCharCode(bytes[at] ?? 0);
  }
  return undefined;
}
