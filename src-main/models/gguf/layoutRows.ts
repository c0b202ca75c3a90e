/** Rows of Hugging Face tensors in the layouts of GGUF files; the inverse of what `weights.ts` undoes. */
import type { GgufLayout } from '../families/ggufNames.ts';
import { valueCount } from '../../util/valueCount.ts';

type ReadRows = (from: number, count: number) => Promise<Float32Array>;

export interface LaidOut {
  readonly shape: readonly number[];
  readonly readRows: ReadRows;
}

/** @param heads number of query and of key heads, for the interleaved layouts */
export function inGgufLayout(
  shape: readonly number[],
  readRows: ReadRows,
  layout: GgufLayout,
  heads: { readonly query: number; readonly key: number },
): LaidOut {
  switch (layout) {
    case 'same':
      return { shape, readRows };
    case 'plus-one':
      return { shape, readRows: async (from, count) => (await readRows(from, count)).map((value) => value + 1) };
    case 'transposed':
      return shape.length === 2 ? transposed(shape, readRows) : { shape, readRows };
    case 'interleaved-query':
      return { shape, readRows: interleaved(shape, readRows, heads.query) };
    case 'interleaved-key':
      return { shape, readRows: interleaved(shape, readRows, heads.key) };
  }
}

/** The whole matrix is read once and kept until its last row was asked for. */
function transposed([rows = 0, width = 0]: readonly number[], readRows: ReadRows): LaidOut {
  let whole: Promise<Float32Array> | undefined;
  return {
    shape: [width, rows],
    async readRows(from, count) {
      whole ??= readRows(0, rows);
      const values = await whole;
      const result = new Float32Array(count * rows);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < count; column++) {
          result[column * rows + row] = values[row * width + from + column] ?? 0;
        }
      }
      if (from + count === width) whole = undefined;
      return result;
    },
  };
}

/** Row 2i + p of a head there is row p · size/2 + i here: the two rotary components of a pair lie side by side. */
function interleaved(shape: readonly number[], readRows: ReadRows, heads: number): ReadRows {
  const [rows = 0] = shape;
  const width = valueCount(shape.slice(1));
  const size = rows / heads;
  return async (from, count) => {
    const begin = Math.floor(from / size) * size;
    const end = Math.min(rows, Math.ceil((from + count) / size) * size);
    const values = await readRows(begin, end - begin);
    const result = new Float32Array(count * width);
    for (let row = from; row < from + count; row++) {
      const inHead = row % size;
      const source = row - inHead + (inHead % 2) * (size / 2) + Math.floor(inHead / 2) - begin;
      result.set(values.subarray(source * width, (source + 1) * width), (row - from) * width);
    }
    return result;
  };
}
