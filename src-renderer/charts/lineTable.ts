import type { Table } from './csv.ts';
import type { LineSpec } from './lineSpec.ts';

/** All lines of a chart as one table, a row for every x that any line has. Pure. */
export function lineTable(xLabel: string, lines: readonly LineSpec[]): Table {
  const rows = new Map<number, (number | undefined)[]>();
  lines.forEach((line, column) => {
    const { x, y } = line.data;
    for (let i = 0; i < x.length; i++) {
      const at = x[i] ?? 0;
      const row = rows.get(at) ?? new Array<number | undefined>(lines.length).fill(undefined);
      row[column] = y[i];
      rows.set(at, row);
    }
  });
  return {
    columns: [xLabel, ...lines.map((line) => line.label)],
    rows: [...rows].sort(([a], [b]) => a - b).map(([x, values]) => [x, ...values]),
  };
}
