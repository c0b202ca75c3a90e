/** Ops on tensors of other element types than float32. */
import type { Kernels } from './kernels.ts';
import { boolAttribute, dataTypes, intAttribute, typeAttribute, type OpAttributes } from './opAttributes.ts';
import type { TensorId } from './tensorId.ts';

/** Element types that weights can be kept in, by their TF_DataType. */
export const elementTypes = { float32: dataTypes.float, int8: 6, bfloat16: dataTypes.bfloat16, float16: 19 } as const;

export type ElementType = keyof typeof elementTypes;

/** Values rounded to the nearest of the new type (ties to even); int8 cuts the fraction off. */
export function cast(k: Kernels, a: TensorId, from: ElementType, to: ElementType): TensorId {
  return one(k, 'Cast', castAttributes(from, to), [a]);
}

/** Of the op Cast; the same list for the same types. */
export function castAttributes(from: ElementType, to: ElementType): OpAttributes {
  return attributesOf(`cast ${from} ${to}`);
}

/** Room whose content is not defined. */
export function emptyTensor(k: Kernels, shape: readonly number[], type: ElementType): TensorId {
  const sizes = k.uploadInts(Int32Array.from(shape));
  return one(k, 'Empty', attributesOf(`empty ${type}`), [k.take(sizes)]);
}

/**
 * Writes rows `from …` of `target` in place, whoever else holds its memory.
 * @param rows [count, …], rows of `target` side by side
 */
export function writeRows(
  k: Kernels,
  target: TensorId,
  from: number,
  rows: TensorId,
  count: number,
  type: ElementType,
): void {
  const indexes = k.uploadInts(Int32Array.from({ length: count }, (_, i) => from + i));
  k.free(updateRows(k, target, k.take(indexes), rows, type));
}

/**
 * Writes the rows at the int32 `indexes` of `target` in place, whoever else holds its memory.
 * @param rows [indexes, …]
 * @returns the same memory; whoever reads what was written reads this one, and so waits for it
 */
export function updateRows(
  k: Kernels,
  target: TensorId,
  indexes: TensorId,
  rows: TensorId,
  type: ElementType = 'float32',
): TensorId {
  return one(k, 'InplaceUpdate', attributesOf(`write ${type}`), [target, indexes, rows]);
}

/** Rows of `a` at the int32 `indexes`. */
export function gatherRows(k: Kernels, a: TensorId, indexes: TensorId, type: ElementType): TensorId {
  const axis = k.uploadInts(Int32Array.of(0), []);
  return one(k, 'GatherV2', attributesOf(`gather ${type}`), [a, indexes, k.take(axis)]);
}

const known = new Map<string, OpAttributes>();

/** Attribute lists are made once: weights are cast at every use. */
function attributesOf(key: string): OpAttributes {
  let list = known.get(key);
  if (list === undefined) {
    const [op, first, second] = key.split(' ') as [string, ElementType, ElementType | undefined];
    list = makeAttributes(op, elementTypes[first], second === undefined ? 0 : elementTypes[second]);
    known.set(key, list);
  }
  return list;
}

function makeAttributes(op: string, type: number, target: number): OpAttributes {
  switch (op) {
    case 'cast':
      return [typeAttribute('SrcT', type), typeAttribute('DstT', target), boolAttribute('Truncate', false)];
    case 'empty':
      return [typeAttribute('dtype', type), boolAttribute('init', false)];
    case 'gather':
      return [
        typeAttribute('Tparams', type),
        typeAttribute('Tindices', dataTypes.int32),
        typeAttribute('Taxis', dataTypes.int32),
        intAttribute('batch_dims', 0),
      ];
    default:
      return [typeAttribute('T', type)];
  }
}

function one(k: Kernels, op: string, list: OpAttributes, inputs: readonly TensorId[]): TensorId {
  const [result] = k.execute(op, list, inputs, 1);
  if (result === undefined) throw new RangeError(`${op} gave no result.`);
  return result;
}
