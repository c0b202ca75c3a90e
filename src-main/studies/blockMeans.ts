/** A picture of a matrix: the mean of each block of values. */
export interface BlockMeans {
  readonly rows: number;
  readonly columns: number;
  /** Row-major. */
  readonly values: readonly number[];
  /** Largest absolute value among them. */
  readonly largest: number;
}

/** Values read at once. */
const valuesPerRead = 2 ** 22;

/**
 * Means over blocks that are as equal as whole rows and columns allow; of both sides the longer has `largestSide`
 * blocks, or as many as the matrix has rows or columns.
 * @param shape of the matrix as stored
 * @param transposed whether the picture is to show the stored matrix's transpose
 * @param read rows `from … from + count − 1`, row-major
 */
export async function blockMeans(
  [storedRows, storedColumns]: readonly [number, number],
  transposed: boolean,
  largestSide: number,
  read: (from: number, count: number) => Promise<Float32Array>,
): Promise<BlockMeans> {
  const scale = Math.min(1, largestSide / Math.max(storedRows, storedColumns));
  const rows = Math.max(1, Math.round(storedRows * scale));
  const columns = Math.max(1, Math.round(storedColumns * scale));
  const sums = new Float64Array(rows * columns);
  const counts = new Float64Array(rows * columns);
  const rowsPerRead = Math.max(1, Math.floor(valuesPerRead / storedColumns));
  for (let from = 0; from < storedRows; from += rowsPerRead) {
    const count = Math.min(rowsPerRead, storedRows - from);
    const data = await read(from, count);
    for (let i = 0; i < count; i += 1) {
      const row = Math.floor(((from + i) * rows) / storedRows);
      for (let j = 0; j < storedColumns; j += 1) {
        const at = row * columns + Math.floor((j * columns) / storedColumns);
        sums[at] = (sums[at] ?? 0) + (data[i * storedColumns + j] ?? 0);
        counts[at] = (counts[at] ?? 0) + 1;
      }
    }
  }
  const means = Array.from(sums, (sum, i) => sum / (counts[i] ?? 1));
  const largest = means.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!transposed) return { rows, columns, values: means, largest };
  const values = means.map((_, i) => means[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
  return { rows: columns, columns: rows, values, largest };
}
