/** The attribute lists of the ops in kernels.ts that do not depend on arguments. */
import { boolAttribute, dataTypes, intAttribute, typeAttribute, type OpAttributes } from './opAttributes.ts';

const T = typeAttribute('T', dataTypes.float);

export const floats: OpAttributes = [T];
export const dtypeFloat: OpAttributes = [typeAttribute('dtype', dataTypes.float)];
export const reshape: OpAttributes = [T, typeAttribute('Tshape', dataTypes.int32)];
export const transpose: OpAttributes = [T, typeAttribute('Tperm', dataTypes.int32)];
export const reverse: OpAttributes = [T, typeAttribute('Tidx', dataTypes.int32)];
export const slice: OpAttributes = [T, typeAttribute('Index', dataTypes.int32)];
export const fill: OpAttributes = [T, typeAttribute('index_type', dataTypes.int32)];
export const bandPart: OpAttributes = [T, typeAttribute('Tindex', dataTypes.int32)];
export const boolsToFloats: OpAttributes = [
  typeAttribute('SrcT', dataTypes.bool),
  typeAttribute('DstT', dataTypes.float),
  boolAttribute('Truncate', false),
];
export const randomUniform: OpAttributes = [
  typeAttribute('dtype', dataTypes.float),
  typeAttribute('T', dataTypes.int32),
  typeAttribute('Tseed', dataTypes.int32),
];
export const destroyResource: OpAttributes = [boolAttribute('ignore_lookup_error', false)];
export const adam: OpAttributes = [T, boolAttribute('use_locking', false), boolAttribute('use_nesterov', false)];

const matMulVariants = [false, true].map((a) =>
  [false, true].map((b): OpAttributes => [T, boolAttribute('transpose_a', a), boolAttribute('transpose_b', b)]),
);
const batchMatMulVariants = [false, true].map((a) =>
  [false, true].map((b): OpAttributes => [T, boolAttribute('adj_x', a), boolAttribute('adj_y', b)]),
);
const reductions = [false, true].map((keep): OpAttributes => [
  T,
  typeAttribute('Tidx', dataTypes.int32),
  boolAttribute('keep_dims', keep),
]);

export function matMul(transposeA: boolean, transposeB: boolean): OpAttributes {
  return matMulVariants[Number(transposeA)]?.[Number(transposeB)] ?? floats;
}

export function batchMatMul(transposeA: boolean, transposeB: boolean): OpAttributes {
  return batchMatMulVariants[Number(transposeA)]?.[Number(transposeB)] ?? floats;
}

const smallBatchMatMulVariants = [false, true].map((b): OpAttributes => [
  typeAttribute('Ta', dataTypes.float),
  typeAttribute('Tb', dataTypes.float),
  typeAttribute('Tout', dataTypes.float),
  boolAttribute('adj_x', false),
  boolAttribute('adj_y', b),
]);

export function smallBatchMatMul(transposeB: boolean): OpAttributes {
  return smallBatchMatMulVariants[Number(transposeB)] ?? floats;
}

export function reduce(keepDimensions: boolean): OpAttributes {
  return reductions[Number(keepDimensions)] ?? floats;
}

const counted = new Map<string, OpAttributes>();

/** Attributes of ops that state how many tensors they take or give. */
export function withCount(kind: 'concat' | 'split' | 'addN', count: number): OpAttributes {
  const key = `${kind}${String(count)}`;
  let list = counted.get(key);
  if (list === undefined) {
    list = {
      concat: [T, typeAttribute('Tidx', dataTypes.int32), intAttribute('N', count)],
      split: [T, typeAttribute('Tlen', dataTypes.int32), intAttribute('num_split', count)],
      addN: [T, intAttribute('N', count)],
    }[kind];
    counted.set(key, list);
  }
  return list;
}

export const segmentSum: OpAttributes = [
  T,
  typeAttribute('Tindices', dataTypes.int32),
  typeAttribute('Tnumsegments', dataTypes.int32),
];

const gathers = [0, 1].map((batchDimensions): OpAttributes => [
  typeAttribute('Tparams', dataTypes.float),
  typeAttribute('Tindices', dataTypes.int32),
  typeAttribute('Taxis', dataTypes.int32),
  intAttribute('batch_dims', batchDimensions),
]);

export function gather(batchDimensions: 0 | 1): OpAttributes {
  return gathers[batchDimensions] ?? floats;
}
