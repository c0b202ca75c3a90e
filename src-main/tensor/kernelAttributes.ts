/** The attribute lists of the ops in kernels.ts that do not depend on arguments. */
import type { ProductType } from '../contract/productTypes.ts';
import { boolAttribute, dataTypes, intAttribute, typeAttribute, type OpAttributes } from './opAttributes.ts';

const T = typeAttribute('T', dataTypes.float);

export const floats: OpAttributes = [T];
export const dtypeFloat: OpAttributes = [typeAttribute('dtype', dataTypes.float)];
export const reshape: OpAttributes = [T, typeAttribute('Tshape', dataTypes.int32)];
export const transpose: OpAttributes = [T, typeAttribute('Tperm', dataTypes.int32)];
export const reverse: OpAttributes = [T, typeAttribute('Tidx', dataTypes.int32)];
export const slice: OpAttributes = [T, typeAttribute('Index', dataTypes.int32)];
export const fill: OpAttributes = [T, typeAttribute('index_type', dataTypes.int32)];
export const oneHot: OpAttributes = [T, typeAttribute('TI', dataTypes.int32), intAttribute('axis', -1)];
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

const typeOf = { float32: dataTypes.float, bfloat16: dataTypes.bfloat16 } as const;

const matMulVariants = productVariants('transpose_a', 'transpose_b');
const batchMatMulVariants = productVariants('adj_x', 'adj_y');
const reductions = [false, true].map((keep): OpAttributes => [
  T,
  typeAttribute('Tidx', dataTypes.int32),
  boolAttribute('keep_dims', keep),
]);

export function matMul(transposeA: boolean, transposeB: boolean, type: ProductType): OpAttributes {
  return matMulVariants[type][Number(transposeA)]?.[Number(transposeB)] ?? floats;
}

export function batchMatMul(transposeA: boolean, transposeB: boolean, type: ProductType): OpAttributes {
  return batchMatMulVariants[type][Number(transposeA)]?.[Number(transposeB)] ?? floats;
}

/** For each type the lists of a product, by whether each operand is transposed. */
function productVariants(first: string, second: string): Readonly<Record<ProductType, OpAttributes[][]>> {
  const ofType = (type: ProductType): OpAttributes[][] =>
    [false, true].map((a) =>
      [false, true].map((b) => [typeAttribute('T', typeOf[type]), boolAttribute(first, a), boolAttribute(second, b)]),
    );
  return { float32: ofType('float32'), bfloat16: ofType('bfloat16') };
}

const identities = { float32: floats, bfloat16: [typeAttribute('T', dataTypes.bfloat16)] };

export function identity(type: ProductType): OpAttributes {
  return identities[type];
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
