/** Spectra of heads or whole matrices as a grid of layers and parts that can be sorted. Pure. */
import type { SpectrumRow } from '../../../src-main/contract/studies.ts';
import type { MatrixGrid } from '../../charts/matrixGrid.ts';

export type SpectraValue = 'rank' | 'relative' | 'effective';
export type SpectraOrder = 'place' | 'value';
export type Part = SpectrumRow['part'];

export interface SpectraGrid {
  readonly grid: MatrixGrid;
  /** In the order of the grid's places. */
  readonly rows: readonly SpectrumRow[];
  readonly values: Float64Array;
}

export const partOrder: readonly Part[] = ['q', 'k', 'v', 'o', 'qv'];

export function valueOf(row: SpectrumRow, value: SpectraValue): number {
  if (value === 'rank') return row.rank;
  return value === 'relative' ? row.relativeRank : row.effectiveRank;
}

function columnKey({ part, head }: SpectrumRow): string {
  return head === undefined ? part : `${part}${head}`;
}

/**
 * @param part only this part's columns; all where left out
 * @param order `value`: layers and columns by their mean, the largest first
 */
export function spectraGrid(
  all: readonly SpectrumRow[],
  value: SpectraValue,
  order: SpectraOrder,
  part?: Part,
): SpectraGrid {
  const rows = part === undefined ? all : all.filter((row) => row.part === part);
  const layers = sorted(
    rows,
    (row) => row.layer,
    value,
    order,
    (a, b) => a - b,
  );
  const first = new Map(rows.map((row) => [columnKey(row), row]));
  const byPlace = (a: string, b: string): number => placeOf(first.get(a)) - placeOf(first.get(b));
  const keys = sorted(rows, columnKey, value, order, byPlace);
  const rowOf = new Map(layers.map((layer, i) => [layer, i]));
  const columnOf = new Map(keys.map((key, i) => [key, i]));
  const cells = new Int32Array(layers.length * keys.length).fill(-1);
  const places = rows.map((row, i): readonly [number, number] => {
    const place = [rowOf.get(row.layer) ?? 0, columnOf.get(columnKey(row)) ?? 0] as const;
    cells[place[0] * keys.length + place[1]] = i;
    return place;
  });
  const columns = keys.map((key, i) => ({
    key,
    label: part !== undefined && first.get(key)?.head !== undefined ? String(first.get(key)?.head) : key,
    group: 'attention' as const,
    x: i + 0.5,
  }));
  return {
    grid: { layers, columns, width: keys.length, cells, places },
    rows,
    values: Float64Array.from(rows, (row) => valueOf(row, value)),
  };
}

function placeOf(row: SpectrumRow | undefined): number {
  return row === undefined ? 0 : partOrder.indexOf(row.part) * 1e6 + (row.head ?? 0);
}

function sorted<Key>(
  rows: readonly SpectrumRow[],
  keyOf: (row: SpectrumRow) => Key,
  value: SpectraValue,
  order: SpectraOrder,
  byPlace: (a: Key, b: Key) => number,
): Key[] {
  const sums = new Map<Key, { total: number; count: number }>();
  for (const row of rows) {
    const sum = sums.get(keyOf(row)) ?? { total: 0, count: 0 };
    sums.set(keyOf(row), { total: sum.total + valueOf(row, value), count: sum.count + 1 });
  }
  const mean = (key: Key): number => {
    const sum = sums.get(key);
    return sum === undefined ? 0 : sum.total / sum.count;
  };
  const keys = [...sums.keys()].sort(byPlace);
  return order === 'place' ? keys : keys.sort((a, b) => mean(b) - mean(a) || byPlace(a, b));
}
