import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { fileError } from './fileLines.ts';
import type { RowPosition, RowSource, SourceRow } from './sourceRow.ts';

/** Files with rows, and documents; the latter count only in a folder that has none of the former. */
const rowEndings = new Set(['.jsonl', '.ndjson', '.json', '.csv', '.tsv', '.parquet']);
const documentEndings = new Set(['.txt', '.md']);
/** Folders within folders that are looked into, and files that are taken. */
const maxDepth = 4;
const maxFiles = 10_000;

/**
 * The data files of a folder in the order of their names, hidden ones left out; `ignored` are documents beside files
 * with rows, such as a README.md.
 * @throws AppError FILE_UNREADABLE, DATA_INVALID when there are none or too many, CANCELLED
 */
export async function dataFilesIn(
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly files: readonly string[]; readonly ignored: readonly string[] }> {
  const rows: string[] = [];
  const documents: string[] = [];
  await collect(folder, 1, rows, documents, signal);
  if (rows.length + documents.length === 0) {
    throw new AppError('DATA_INVALID', `${folder} holds no data file: give JSONL, JSON, CSV, Parquet, .txt or .md.`);
  }
  return rows.length > 0 ? { files: rows, ignored: documents } : { files: documents, ignored: [] };
}

async function collect(
  folder: string,
  depth: number,
  rows: string[],
  documents: string[],
  signal: AbortSignal,
): Promise<void> {
  throwIfCancelled(signal);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(folder, error);
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const file = path.join(folder, entry.name);
    const ending = path.extname(entry.name).toLowerCase();
    if (entry.isDirectory() && depth < maxDepth) await collect(file, depth + 1, rows, documents, signal);
    else if (entry.isFile() && rowEndings.has(ending)) rows.push(file);
    else if (entry.isFile() && documentEndings.has(ending)) documents.push(file);
    if (rows.length + documents.length > maxFiles) {
      throw new AppError(
        'DATA_INVALID',
        `${folder} holds more than ${String(maxFiles)} data files; put them together.`,
      );
    }
  }
}

/**
 * The rows of several files one after another, numbered from 1 through all of them; what is wrong with a row names its
 * file and its place there.
 * @param openFile the rows of one file, from a position on
 */
export function folderSource(
  folder: string,
  files: readonly string[],
  openFile: (file: string, from: RowPosition | undefined) => Promise<RowSource>,
  from?: RowPosition,
): RowSource {
  const columns: string[] = [];
  const notices: string[] = [];
  async function* rowsOf(): AsyncGenerator<SourceRow[]> {
    const first = from?.within?.file ?? 0;
    let row = from?.row ?? 1;
    for (const [index, file] of files.entries()) {
      if (index < first) continue;
      const source = await openFile(file, index === first ? from?.within?.position : undefined);
      for await (const rows of source.rows) {
        const begin = row;
        row += rows.length;
        yield rows.map((inner, i) => numberedAnew(inner, begin + i, index, path.relative(folder, file)));
      }
      columns.push(...source.columns.filter((name) => !columns.includes(name)));
      for (const notice of source.notices) notices.push(`${path.relative(folder, file)}: ${notice}`);
    }
  }
  return { columns, notices, rows: rowsOf() };
}

function numberedAnew(inner: SourceRow, row: number, file: number, name: string): SourceRow {
  return {
    ...inner,
    row,
    place: `${name}, row ${String(inner.row)}`,
    position: () => ({ row, at: 0, within: { file, position: inner.position() } }),
  };
}
