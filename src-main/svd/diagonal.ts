import type { Kernels } from '../tensor/kernels.ts';
import { dataTypes, typeAttribute } from '../tensor/opAttributes.ts';
import type { TensorId } from '../tensor/tensorId.ts';

const floats = [typeAttribute('T', dataTypes.float)];

/** value · I [size, size] */
export function diagonal(k: Kernels, size: number, value: number): TensorId {
  const values = k.fill([size], value);
  const [result] = k.execute('MatrixDiag', floats, [k.take(values)], 1);
  if (result === undefined) throw new RangeError('MatrixDiag gave no result.');
  return result;
}
