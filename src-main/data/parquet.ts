import { open, type FileHandle } from 'node:fs/promises';
import {
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type FileMetaData,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { chunkBytes, fileError, maxRowBytes } from './fileLines.ts';
import { parquetColumns } from './parquetColumns.ts';
import { checkPages } from './parquetPages.ts';
import {
  badRow,
  decodeStrictly,
  notUtf8,
  rowTooLong,
  type RowPosition,
  type RowSource,
  type SourceRow,
} from './sourceRow.ts';

/** Longest description of a file (schema and row groups); those of real files have some kilobytes to megabytes. */
const maxFooterBytes = 64 * 2 ** 20;
/** Largest row group, unpacked: one is in memory at a time. */
const maxGroupBytes = 2 ** 30;
/** Most rows of a row group; those of real files have up to about a million. A few bytes can stand for any number. */
const maxGroupRows = 2 ** 21;
/** Rows handed over at a time. */
const rowsAtATime = 1000;

/** Stands for bytes that are not UTF-8, so that their row is listed as bad. */
const broken = Symbol('not UTF-8');

/**
 * Rows of a Parquet file (https://parquet.apache.org/docs/file-format/), numbered from 1, a row group at a time. Columns
 * of text, numbers, truth values and times are read, and lists of these or of simple structures (conversations); other
 * nested columns are left out and named in a notice. Times are ISO 8601 text.
 */
export function parquetSource(path: string, signal: AbortSignal, from?: RowPosition): RowSource {
  const columns: string[] = [];
  const notices: string[] = [];
  return { columns, notices, rows: rowsOf(path, columns, notices, signal, from?.at ?? 0) };
}

async function* rowsOf(
  path: string,
  header: string[],
  notices: string[],
  signal: AbortSignal,
  from: number,
): AsyncGenerator<SourceRow[]> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw fileError(path, error);
  });
  try {
    const file = await bufferOf(handle);
    const metadata = await readMetadata(path, file);
    const { readable, leftOut } = readColumns(path, metadata);
    header.push(...readable);
    for (const { name, kind } of leftOut) {
      notices.push(
        `The column “${name}” is nested (${kind}) and is left out; columns must hold text, numbers or lists.`,
      );
    }
    if (readable.length === 0) throw invalid(path, 'none of its columns can be read: all are nested.');
    let begin = 0;
    for (const group of metadata.row_groups) {
      const end = begin + Number(group.num_rows);
      if (end > from) {
        throwIfCancelled(signal);
        checkGroup(path, metadata, group, readable);
        const start = Math.max(from, begin);
        const values = await readGroup(path, file, metadata, group, readable, start, end);
        for (let i = 0; i < values.length; i += rowsAtATime) {
          throwIfCancelled(signal);
          yield values.slice(i, i + rowsAtATime).map((row, r) => sourceRow(start + i + r, row));
        }
      }
      begin = end;
    }
  } finally {
    await handle.close();
  }
}

/** @throws AppError DATA_INVALID */
async function readMetadata(path: string, file: AsyncBuffer): Promise<FileMetaData> {
  if (file.byteLength < 12) throw invalid(path, 'it is shorter than any Parquet file.');
  const tail = new DataView(await file.slice(file.byteLength - 8));
  if (tail.getUint32(4, true) !== 0x31524150)
    throw invalid(path, 'it does not end in “PAR1”; the file is not complete.');
  const length = tail.getUint32(0, true);
  if (length > maxFooterBytes || length > file.byteLength - 12) {
    throw invalid(path, `its description would have ${String(length)} bytes.`);
  }
  try {
    // Without a look for geometry: it never ends where a column says that it has less than no children.
    const metadata = await parquetMetadataAsync(file, { initialFetchSize: length + 8, geoparquet: false });
    if (metadata.row_groups.some((group) => Number(group.num_rows) < 0))
      throw new RangeError('negative number of rows');
    return metadata;
  } catch (error) {
    throw invalid(path, `its description cannot be read (${messageOf(error)}).`, error);
  }
}

/** @throws AppError DATA_INVALID when the tree of columns does not hold together */
function readColumns(path: string, metadata: FileMetaData): ReturnType<typeof parquetColumns> {
  try {
    return parquetColumns(parquetSchema(metadata));
  } catch (error) {
    throw invalid(path, `its columns cannot be read (${messageOf(error)}).`, error);
  }
}

type RowGroup = FileMetaData['row_groups'][number];

/** A row group is unpacked as a whole, so its size has to be known to fit. */
function checkGroup(path: string, metadata: FileMetaData, group: RowGroup, columns: readonly string[]): void {
  if (Number(group.num_rows) > maxGroupRows) {
    throw invalid(
      path,
      `a row group has ${String(group.num_rows)} rows, more than the ${String(maxGroupRows)} that are read at a time; write it with smaller row groups.`,
    );
  }
  // What a damaged file says of a column may be missing, whatever the types say.
  const wanted = group.columns.filter((column) => {
    const place = column.meta_data?.path_in_schema as readonly string[] | undefined;
    return columns.includes(place?.[0] ?? '');
  });
  const bytes = wanted.reduce((sum, column) => sum + Number(column.meta_data?.total_uncompressed_size ?? 0), 0);
  if (bytes >= 0 && bytes <= maxGroupBytes && Number(group.num_rows) <= Number(metadata.num_rows)) return;
  throw invalid(
    path,
    `a row group has ${String(Math.round(bytes / 2 ** 20))} MB unpacked, more than the ${String(maxGroupBytes / 2 ** 20)} MB that are read at a time; write it with smaller row groups.`,
  );
}

async function readGroup(
  path: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  group: RowGroup,
  columns: readonly string[],
  rowStart: number,
  rowEnd: number,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  try {
    for (const column of group.columns) {
      if (columns.includes(column.meta_data?.path_in_schema[0] ?? '')) {
        await checkPages(file, metadata, column, Number(group.num_rows), maxGroupBytes);
      }
    }
    const parsers = {
      stringFromBytes: (bytes: Uint8Array | undefined): unknown => bytes && (decodeStrictly(bytes) ?? broken),
    };
    return await parquetReadObjects({ file, metadata, columns: [...columns], rowStart, rowEnd, compressors, parsers });
  } catch (error) {
    throw invalid(
      path,
      `rows ${String(rowStart + 1)} to ${String(rowEnd)} cannot be unpacked (${messageOf(error)}).`,
      error,
    );
  }
}

function sourceRow(at: number, values: Readonly<Record<string, unknown>>): SourceRow {
  const row = at + 1;
  // fromEntries makes own properties, so a column called __proto__ changes nothing.
  const plain = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plainValue(value)]));
  if (holdsBroken(plain)) return badRow(row, at, notUtf8);
  if (textLength(plain) > maxRowBytes) return badRow(row, at, rowTooLong);
  return { row, content: { values: plain }, raw: () => JSON.stringify(plain), position: () => ({ row, at }) };
}

/** JSON's kinds of values: whole numbers of 64 bits as numbers where exact, else as text; times as ISO 8601. */
function plainValue(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, plainValue(entry)]));
}

function holdsBroken(value: unknown): boolean {
  if (value === broken) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsBroken);
}

function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  return Object.values(value).reduce((sum: number, entry) => sum + textLength(entry), 0);
}

async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      for (let done = 0; done < bytes.length;) {
        const { bytesRead } = await handle.read(
          bytes,
          done,
          Math.min(64 * chunkBytes, bytes.length - done),
          start + done,
        );
        if (bytesRead === 0) throw new RangeError('the file ends before its data');
        done += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

function invalid(path: string, reason: string, cause?: unknown): AppError {
  return new AppError('DATA_INVALID', `The Parquet file ${path} cannot be read: ${reason}`, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
