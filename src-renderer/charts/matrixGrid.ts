/** The layer × module grid of the maps: which matrix lies where, in the order of computation. Pure. */
import type { TargetMatrix } from '../../src-main/contract/model.ts';

export type ColumnGroup = 'attention' | 'mlp' | 'other';

export interface GridColumn {
  /** Path inside the layer, e.g. `self_attn.q_proj`: the same in every layer, unlike anything else in the model. */
  readonly key: string;
  /** Short name for the head of the column: `q`, `gate`. */
  readonly label: string;
  readonly group: ColumnGroup;
  /** Centre of the column in cell widths; groups are set apart by half a cell. */
  readonly x: number;
}

export interface MatrixGrid {
  /** Layers from the input on. */
  readonly layers: readonly number[];
  readonly columns: readonly GridColumn[];
  /** Width of the whole grid in cell widths, gaps included. */
  readonly width: number;
  /** Index into the matrices given, at [row · columns + column]; -1 where a layer lacks the module. */
  readonly cells: Int32Array;
  /** [row, column] of each matrix given. */
  readonly places: readonly (readonly [number, number])[];
}

const groupGap = 0.5;

/** Order of computation, with the short names people use; the first pattern that fits a module's last part counts. */
const known: readonly (readonly [RegExp, string, ColumnGroup])[] = [
  [/^(q_proj|query|wq|attn_q)$/, 'q', 'attention'],
  [/^(k_proj|key|wk|attn_k)$/, 'k', 'attention'],
  [/^(v_proj|value|wv|attn_v)$/, 'v', 'attention'],
  [/^(qkv_proj|c_attn|query_key_value|attn_qkv|Wqkv)$/, 'qkv', 'attention'],
  [/^(o_proj|out_proj|wo|attn_output)$/, 'o', 'attention'],
  [/^(gate_proj|w1|ffn_gate)$/, 'gate', 'mlp'],
  [/^(up_proj|w3|ffn_up)$/, 'up', 'mlp'],
  [/^(gate_up_proj)$/, 'gate·up', 'mlp'],
  [/^(c_fc|fc1|dense_h_to_4h)$/, 'fc', 'mlp'],
  [/^(down_proj|w2|fc2|dense_4h_to_h|ffn_down)$/, 'down', 'mlp'],
];

/** The part of a module path after the layer's number. */
function pathInLayer(matrix: Pick<TargetMatrix, 'name' | 'layer' | 'module'>): string {
  const parts = matrix.name.split('.');
  const at = parts.indexOf(String(matrix.layer));
  return at < 0 || at === parts.length - 1 ? matrix.module : parts.slice(at + 1).join('.');
}

function describe(key: string): { label: string; group: ColumnGroup; order: number } {
  const parts = key.split('.');
  const module = parts[parts.length - 1] ?? key;
  const within = key.toLowerCase();
  // GPT-2 calls the last projection of both halves c_proj.
  if (module === 'c_proj' || module === 'dense') {
    return within.includes('mlp')
      ? { label: 'down', group: 'mlp', order: known.length - 0.5 }
      : { label: 'o', group: 'attention', order: 4.5 };
  }
  const index = known.findIndex(([pattern]) => pattern.test(module));
  const entry = known[index];
  if (entry) return { label: entry[1], group: entry[2], order: index };
  const group =
    within.includes('attn') || within.includes('attention') ? 'attention' : within.includes('mlp') ? 'mlp' : 'other';
  const groupEnd = group === 'attention' ? 4.9 : known.length + (group === 'mlp' ? 1 : 2);
  return { label: module.replace(/_proj$/, ''), group, order: groupEnd };
}

export function matrixGrid(matrices: readonly Pick<TargetMatrix, 'name' | 'layer' | 'module'>[]): MatrixGrid {
  const layers = [...new Set(matrices.map((m) => m.layer))].sort((a, b) => a - b);
  const keys = matrices.map(pathInLayer);
  const described = [...new Set(keys)].map((key) => ({ key, ...describe(key) })).sort((a, b) => a.order - b.order);
  let x = -0.5;
  let previous: ColumnGroup | undefined;
  const columns = described.map(({ key, label, group }): GridColumn => {
    x += previous !== undefined && previous !== group ? 1 + groupGap : 1;
    previous = group;
    return { key, label, group, x };
  });
  const rowOf = new Map(layers.map((layer, i) => [layer, i]));
  const columnOf = new Map(columns.map((column, i) => [column.key, i]));
  const cells = new Int32Array(layers.length * columns.length).fill(-1);
  const places = matrices.map((m, i): readonly [number, number] => {
    const row = rowOf.get(m.layer) ?? 0;
    const column = columnOf.get(keys[i] ?? '') ?? 0;
    cells[row * columns.length + column] = i;
    return [row, column];
  });
  return { layers, columns, width: x + 0.5, cells, places };
}

function matrixAt(grid: MatrixGrid, row: number, column: number): number {
  if (row < 0 || column < 0 || row >= grid.layers.length || column >= grid.columns.length) return -1;
  return grid.cells[row * grid.columns.length + column] ?? -1;
}

/** Matrix under a point in grid units (cell widths from the left, cell heights from the top); -1 in gaps and outside. */
export function matrixAtPoint(grid: MatrixGrid, x: number, y: number): number {
  const row = Math.floor(y);
  const column = grid.columns.findIndex((c) => Math.abs(c.x - x) <= 0.5);
  return matrixAt(grid, row, column);
}

export type GridMove = 'left' | 'right' | 'up' | 'down' | 'row-start' | 'row-end' | 'first' | 'last';

/** The matrix reached from one by a key; stays where it is at the edges and steps over holes. */
export function moveInGrid(grid: MatrixGrid, from: number, move: GridMove): number {
  const place = grid.places[from] ?? grid.places[0];
  if (!place) return -1;
  const [row, column] = place;
  const lastRow = grid.layers.length - 1;
  const lastColumn = grid.columns.length - 1;
  const walk = (startRow: number, startColumn: number, stepRow: number, stepColumn: number): number => {
    let r = startRow;
    let c = startColumn;
    while (r >= 0 && c >= 0 && r <= lastRow && c <= lastColumn) {
      const found = matrixAt(grid, r, c);
      if (found >= 0) return found;
      r += stepRow;
      c += stepColumn;
    }
    return from;
  };
  switch (move) {
    case 'left':
      return walk(row, column - 1, 0, -1);
    case 'right':
      return walk(row, column + 1, 0, 1);
    case 'up':
      return walk(row - 1, column, -1, 0);
    case 'down':
      return walk(row + 1, column, 1, 0);
    case 'row-start':
      return walk(row, 0, 0, 1);
    case 'row-end':
      return walk(row, lastColumn, 0, -1);
    case 'first':
      return walk(0, 0, 0, 1);
    case 'last':
      return walk(lastRow, lastColumn, 0, -1);
  }
}

/** Sums of a value over rows and columns; matrices without a value (NaN) count as nothing. */
export function gridTotals(grid: MatrixGrid, values: ArrayLike<number>): { rows: Float64Array; columns: Float64Array } {
  const rows = new Float64Array(grid.layers.length);
  const columns = new Float64Array(grid.columns.length);
  grid.places.forEach(([row, column], i) => {
    const v = values[i] ?? NaN;
    if (!Number.isFinite(v)) return;
    rows[row] = (rows[row] ?? 0) + v;
    columns[column] = (columns[column] ?? 0) + v;
  });
  return { rows, columns };
}
