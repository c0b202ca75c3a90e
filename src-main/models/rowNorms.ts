import type { TargetMatrix } from '../contract/model.ts';
import { throwIfCancelled } from '../util/appError.ts';
import type { WeightSource } from './types.ts';

const pieceBytes = 32 * 2 ** 20;

/**
 * The length of each row of a weight [d_out, d_in], summed in float64.
 * @param transposed the file holds [d_in, d_out] (GPT-2's Conv1D)
 * @throws AppError TENSOR_MISSING, CANCELLED and what the source throws
 */
export async function rowNorms(
  source: WeightSource,
  { name, shape: [out, into] }: TargetMatrix,
  transposed: boolean,
  signal: AbortSignal,
): Promise<Float32Array> {
  const squares = new Float64Array(out);
  const [rows, columns] = transposed ? [into, out] : [out, into];
  const step = Math.max(1, Math.floor(pieceBytes / (4 * columns)));
  for (let from = 0; from < rows; from += step) {
    throwIfCancelled(signal);
    const piece = await source.readRows(`${name}.weight`, from, Math.min(step, rows - from));
    piece.forEach((value, i) => {
      const row = transposed ? i % columns : from + Math.floor(i / columns);
      squares[row] = (squares[row] ?? 0) + value * value;
    });
  }
  return Float32Array.from(squares, Math.sqrt);
}
