// What the programs found, as a table of consumer × format × family.

/**
 * @typedef {object} Cell
 * @property {string} family
 * @property {string} consumer
 * @property {string} format
 * @property {number} value
 * @property {string} unit
 */

/** @param {readonly Cell[]} cells */
export function tableOf(cells) {
  const families = [...new Set(cells.map(({ family }) => family))];
  const columns = [...new Map(cells.map((cell) => [`${cell.consumer}|${cell.format}`, cell])).values()];
  const header = columns.map(({ consumer, format, unit }) => `${format}<br>${consumer}<br>Δ ${unit}`);
  const rows = families.map((family) => {
    const own = columns.map(({ consumer, format }) =>
      cells.find((cell) => cell.family === family && cell.consumer === consumer && cell.format === format),
    );
    return [family, ...own.map((cell) => (cell === undefined ? '–' : short(cell.value)))];
  });
  const all = [['family', ...header], ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => row[i + 1]?.length ?? 0)));
  const nameWidth = Math.max(...all.map((row) => row[0]?.length ?? 0));
  /** @param {readonly string[]} row */
  const line = ([name = '', ...values]) =>
    `| ${name.padEnd(nameWidth)} | ${values.map((value, i) => value.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `| ${'-'.repeat(nameWidth)} | ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(all[0] ?? []), rule, ...rows.map(line), ''].join('\n');
}

/** Two digits are enough to compare, and change less from run to run. @param {number} value */
function short(value) {
  return value === 0 ? '0' : value.toExponential(0);
}
