/** Tables of a chart's values. Pure. */

export type Cell = string | number | undefined;

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

function field(cell: Cell): string {
  if (cell === undefined) return '';
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** CSV as in RFC 4180, with a header row. */
export function tableToCsv(table: Table): string {
  return [table.columns, ...table.rows].map((row) => row.map(field).join(',')).join('\r\n') + '\r\n';
}

/** Tab-separated, for pasting into a spreadsheet or a message. */
export function tableToText(table: Table): string {
  return [table.columns, ...table.rows].map((row) => row.map((c) => c ?? '').join('\t')).join('\n');
}
