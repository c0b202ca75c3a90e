import { stat } from 'node:fs/promises';
import type { ColumnMapping, DatasetSummary } from '../contract/data.ts';
import type { Example } from './example.ts';
import { readExample, type RowReader } from './layout.ts';
import { openSource, findPlace, type DataPlace } from './openSource.ts';
import { RowIndex } from './rowIndex.ts';
import { scanDataset } from './scan.ts';
import type { RowPosition, SourceRow } from './sourceRow.ts';

/** Files whose index is kept. */
const kept = 4;

export interface UsableRow {
  readonly example: Example;
  readonly source: SourceRow;
}

/** A data file that has been gone through once: its summary, and any of its usable rows at once. */
export class IndexedDataset {
  readonly summary: DatasetSummary;
  readonly #place: DataPlace;
  readonly #reader: RowReader | undefined;
  readonly #index: RowIndex;

  private constructor(place: DataPlace, reader: RowReader | undefined, summary: DatasetSummary, index: RowIndex) {
    this.#place = place;
    this.#reader = reader;
    this.summary = summary;
    this.#index = index;
  }

  /** Goes through the file. Errors as readDataset. */
  static async scan(file: string, mapping: ColumnMapping | undefined, signal: AbortSignal): Promise<IndexedDataset> {
    const index = new RowIndex();
    const { place, reader, summary } = await scanDataset(file, mapping, signal, (_, source) =>
      index.add(() => source.position()),
    );
    return new IndexedDataset(place, reader, summary, index);
  }

  /** Usable rows, the first counted from 0. Errors as readDataset. */
  async rows(from: number, count: number, signal: AbortSignal): Promise<UsableRow[]> {
    const near = this.#index.near(from);
    const found: UsableRow[] = [];
    if (near === undefined) return found;
    let { skip } = near;
    for await (const row of this.#rowsFrom(near.position, signal)) {
      if (skip > 0) skip -= 1;
      else found.push(row);
      if (found.length === count) break;
    }
    return found;
  }

  /** All usable rows in order. Errors as readDataset. */
  allRows(signal: AbortSignal): AsyncGenerator<UsableRow> {
    return this.#rowsFrom(undefined, signal);
  }

  /** Where a row is among the usable ones, counted from 0; undefined for a row that is not among them. */
  async placeOf(row: number, signal: AbortSignal): Promise<number | undefined> {
    const near = this.#index.before(row);
    if (near === undefined) return undefined;
    let { index } = near;
    for await (const { example } of this.#rowsFrom(near.position, signal)) {
      if (example.row === row) return index;
      if (example.row > row) return undefined;
      index += 1;
    }
    return undefined;
  }

  async *#rowsFrom(position: RowPosition | undefined, signal: AbortSignal): AsyncGenerator<UsableRow> {
    if (this.#reader === undefined) return;
    for await (const rows of openSource(this.#place, signal, position).rows) {
      for (const source of rows) {
        const { values } = source.content;
        if (values === undefined) continue;
        const example = readExample(source.row, values, this.#reader, source.passage);
        if (!('problem' in example)) yield { example, source };
      }
    }
  }
}

/** Keeps the last data files that were gone through, until they change on the disk. */
export class IndexedDatasets {
  readonly #kept = new Map<string, { readonly identity: string; readonly dataset: IndexedDataset }>();

  /** Goes through the file only where that was not done, or it has changed since. Errors as readDataset. */
  async open(file: string, mapping: ColumnMapping | undefined, signal: AbortSignal): Promise<IndexedDataset> {
    const key = JSON.stringify([file, mapping]);
    const identity = await identityOf(file, signal);
    const known = this.#kept.get(key);
    this.#kept.delete(key);
    if (known?.identity === identity) {
      this.#kept.set(key, known);
      return known.dataset;
    }
    const dataset = await IndexedDataset.scan(file, mapping, signal);
    this.#kept.set(key, { identity, dataset });
    for (const oldest of [...this.#kept.keys()].slice(0, -kept)) this.#kept.delete(oldest);
    return dataset;
  }
}

/** Changes when a file is replaced or written to; of a folder, when one of its data files is. */
async function identityOf(file: string, signal: AbortSignal): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  const files = found?.isDirectory() === true ? ((await findPlace(file, signal)).files ?? []) : [file];
  const stats = await Promise.all(files.map((each) => stat(each).catch(() => undefined)));
  return stats.map((each, i) => [files[i], each?.size, each?.mtimeMs, each?.ino].join(':')).join('|');
}
