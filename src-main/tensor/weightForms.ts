import { cast, type ElementType } from './elementTypes.ts';
import type { Kernels } from './kernels.ts';
import { dataTypes, typeAttribute } from './opAttributes.ts';
import type { TensorId } from './tensorId.ts';

/** A way to keep a matrix [rows, columns]: one or more tensors with as many rows. */
export interface WeightForm {
  /** Element type of each tensor, and its values in a row of so many columns. */
  readonly types: readonly ElementType[];
  widths(columns: number): readonly number[];
  /** New tensors. @param rows float32 [count, columns], borrowed */
  pack(k: Kernels, rows: TensorId, columns: number): TensorId[];
  /** float32 [count, columns], a new tensor. @param parts borrowed */
  unpack(k: Kernels, parts: readonly TensorId[], columns: number): TensorId;
}

export const float32Form: WeightForm = {
  types: ['float32'],
  widths: (columns) => [columns],
  pack: (k, rows) => [k.alias(rows)],
  unpack: (k, parts) => k.alias(first(parts)),
};

/** Exact for weights that a file holds in this type. */
function halfForm(type: 'bfloat16' | 'float16'): WeightForm {
  return {
    types: [type],
    widths: (columns) => [columns],
    pack: (k, rows) => [cast(k, rows, 'float32', type)],
    unpack: (k, parts) => cast(k, first(parts), type, 'float32'),
  };
}

export const bfloat16Form = halfForm('bfloat16');
export const float16Form = halfForm('float16');

/** Columns that share a scale; as in GGUF's Q8_0. */
export const blockColumns = 32;
const largestInt8 = 127;

/**
 * Blocks of 32 columns as int8 with one scale, w ≈ q · max|w| / 127: GGUF's Q8_0, but with the scale in float32. The
 * columns must be a multiple of 32.
 */
export const int8Form: WeightForm = {
  types: ['int8', 'float32'],
  widths: (columns) => [columns, columns / blockColumns],
  pack(k, rows, columns) {
    const perRow = columns / blockColumns;
    const blocks = k.reshape(rows, [-1, perRow, blockColumns]);
    const largest = k.max(k.take(unary(k, 'Abs', blocks)), [-1], true);
    const scale = k.scale(k.take(largest), 1 / largestInt8); // [count, perRow, 1]
    const [quotient] = k.execute('DivNoNan', floats, [k.take(blocks), scale], 1);
    const nearest = unary(k, 'Round', k.take(first([quotient])));
    const whole = k.reshape(k.take(nearest), [-1, columns]);
    return [cast(k, k.take(whole), 'float32', 'int8'), k.reshape(k.take(scale), [-1, perRow])];
  },
  unpack(k, parts, columns) {
    const perRow = columns / blockColumns;
    const [values, scales] = parts;
    const whole = cast(k, first([values]), 'int8', 'float32');
    const blocks = k.reshape(k.take(whole), [-1, perRow, blockColumns]);
    const factors = k.reshape(first([scales]), [-1, perRow, 1]);
    return k.reshape(k.take(k.mul(k.take(blocks), k.take(factors))), [-1, columns]);
  },
};

const floats = [typeAttribute('T', dataTypes.float)];

function unary(k: Kernels, op: 'Abs' | 'Round', a: TensorId): TensorId {
  return first(k.execute(op, floats, [a], 1));
}

function first(tensors: readonly (TensorId | undefined)[]): TensorId {
  const [tensor] = tensors;
  if (tensor === undefined) throw new RangeError('A weight has fewer parts than its form.');
  return tensor;
}
