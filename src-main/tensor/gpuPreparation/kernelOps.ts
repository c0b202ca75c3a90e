import { cast, elementTypes, emptyTensor, gatherRows, writeRows, type ElementType } from '../elementTypes.ts';
import type { Kernels } from '../kernels.ts';
import { dataTypes, typeAttribute } from '../opAttributes.ts';
import type { TensorId } from '../tensorId.ts';
import { preparedOps, type PreparedOp, type RunOp } from './preparedOp.ts';

type Binary = (k: Kernels, a: TensorId, b: TensorId) => TensorId;

const floats = [typeAttribute('T', dataTypes.float)];
const types = Object.keys(elementTypes) as readonly ElementType[];
const shape = [2, 2];

/**
 * The ops of kernels.ts, elementTypes.ts and weightForms.ts, called as trainings do, so that their attributes are the
 * same. Where an op has one kernel for equal shapes and another for broadcasting, or one for rows and another for
 * columns, it is called both ways.
 */
export const kernelOps: readonly PreparedOp[] = preparedOps({
  AddV2: broadcast((k, a, b) => k.add(a, b)),
  Sub: broadcast((k, a, b) => k.sub(a, b)),
  Mul: broadcast((k, a, b) => k.mul(a, b)),
  RealDiv: broadcast((k, a, b) => k.div(a, b)),
  DivNoNan: broadcast((k, a, b) => only(k.execute('DivNoNan', floats, [a, b], 1))),
  GreaterEqual: broadcast((k, a, b) => k.greaterEqual(a, b)),
  AddN: (k, x) => k.addAll([x, x]),
  Abs: (k, x) => k.abs(x),
  Square: (k, x) => k.square(x),
  Rsqrt: (k, x) => k.rsqrt(x),
  Exp: (k, x) => k.exp(x),
  Log: (k, x) => k.log(x),
  Sigmoid: (k, x) => k.sigmoid(x),
  Tanh: (k, x) => k.tanh(x),
  Erf: (k, x) => k.erf(x),
  Round: (k, x) => only(k.execute('Round', floats, [x], 1)),

  MatMul: transposed((k, x, a, b) => k.matMul(x, x, a, b)),
  'MatMul bfloat16': inBfloat16(transposed((k, x, a, b) => k.matMul(x, x, a, b))),
  BatchMatMulV2: transposed((k, x, a, b) => batched(k, x, (y) => k.batchMatMul(y, y, a, b))),
  'BatchMatMulV2 bfloat16': inBfloat16(transposed((k, x, a, b) => batched(k, x, (y) => k.batchMatMul(y, y, a, b)))),
  BatchMatMulV3: (k, x) => [k.smallBatchMatMul(x, x), k.smallBatchMatMul(x, x, true)],
  Sum: (k, x) => [k.sum(x, [1]), k.sum(x, [0]), k.sum(x, [0, 1])],
  Mean: (k, x) => [k.mean(x, [1]), k.mean(x, [0]), k.mean(x, [0, 1])],
  Max: (k, x) => [k.max(x, [1]), k.max(x, [0]), k.max(x, [0, 1])],
  L2Loss: (k, x) => k.halfSquaredNorm(x),
  Softmax: (k, x) => k.softmax(x),

  Reshape: (k, x) => k.reshape(x, [-1]),
  Transpose: (k, x) => [
    k.transpose(x, [1, 0]),
    batched(k, x, (y) => k.transpose(y, [1, 0, 2])),
    batched(k, x, (y) => k.transpose(y, [0, 2, 1])),
  ],
  ReverseV2: (k, x) => k.reverse(x, 1),
  Identity: (k, x) => k.alias(x),
  ConcatV2: (k, x) => [k.concat([x, x], 0), k.concat([x, x], 1)],
  SplitV: (k, x) => [...k.split(x, [1, 1], 0), ...k.split(x, [1, 1], 1)],
  Slice: (k, x) => k.slice(x, [0, 1], [-1, 1]),
  GatherV2: (k, x) => {
    const rows = k.uploadInts(Int32Array.of(1, 0));
    const columns = k.uploadInts(Int32Array.of(1, 0), [2, 1]);
    return [k.gather(x, k.take(rows)), k.gather(x, k.take(columns), 1, 1)];
  },
  UnsortedSegmentSum: (k, x) => k.sumRows(x, k.take(k.uploadInts(Int32Array.of(1, 0))), 2),
  Fill: (k) => k.fill(shape, 1),
  OneHot: (k) => k.oneHot(k.take(k.uploadInts(Int32Array.of(1, 0))), 2),
  MatrixBandPart: (k, x) => k.bandPart(x, -1, 0),
  StatelessRandomUniform: (k) => k.randomUniform(shape, [1, 2]),

  VarHandleOp: (k, x) => {
    k.destroyVariable(k.createVariable(x, shape));
    return [];
  },
  ReadVariableOp: (k, x) => {
    const variable = k.createVariable(x, shape);
    const value = k.readVariable(variable);
    k.destroyVariable(variable);
    return value;
  },
  ResourceApplyAdam: applyAdam,

  ...Object.fromEntries<RunOp>(
    types.flatMap((type) => [...(type === 'float32' ? [] : castOps(type)), ...rowOps(type)]),
  ),
});

/** With equal shapes, with a column and with a scalar. */
function broadcast(op: Binary): (k: Kernels, x: TensorId) => readonly TensorId[] {
  return (k, x) => [op(k, x, x), op(k, x, k.constantColumn([1, 2])), op(k, x, k.constant(1))];
}

/** Neither, one or the other of the factors transposed; nowhere are both. */
function transposed(
  multiply: (k: Kernels, x: TensorId, a: boolean, b: boolean) => TensorId,
): (k: Kernels, x: TensorId) => readonly TensorId[] {
  return (k, x) => [multiply(k, x, false, false), multiply(k, x, true, false), multiply(k, x, false, true)];
}

/** Products of 16-bit matrices are libraries' kernels of their own. */
function inBfloat16(
  multiply: (k: Kernels, x: TensorId) => readonly TensorId[],
): (k: Kernels, x: TensorId) => readonly TensorId[] {
  return (k, x) => k.withProducts('bfloat16', () => multiply(k, x));
}

function castOps(type: ElementType): [string, RunOp][] {
  return [
    [`Cast float32 ${type}`, (k, x) => cast(k, x, 'float32', type)],
    [`Cast ${type} float32`, (k, x) => cast(k, k.take(cast(k, x, 'float32', type)), type, 'float32')],
  ];
}

/** What weights of a type are filled and looked up with. */
function rowOps(type: ElementType): [string, RunOp][] {
  const convert = (k: Kernels, x: TensorId): TensorId =>
    type === 'float32' ? k.alias(x) : cast(k, x, 'float32', type);
  return [
    [
      `InplaceUpdate ${type}`,
      (k, x) => {
        const room = emptyTensor(k, shape, type);
        writeRows(k, room, 0, k.take(convert(k, x)), 2, type);
        return [room];
      },
    ],
    [
      `GatherV2 ${type}`,
      (k, x) => {
        const indexes = k.uploadInts(Int32Array.of(1, 0));
        return [gatherRows(k, k.take(convert(k, x)), k.take(indexes), type)];
      },
    ],
  ];
}

/** `work` on x as a stack of one matrix. */
function batched(k: Kernels, x: TensorId, work: (y: TensorId) => TensorId): TensorId {
  const y = k.reshape(x, [1, ...shape]);
  const result = work(y);
  k.free(y);
  return result;
}

function applyAdam(k: Kernels, x: TensorId): readonly TensorId[] {
  const [value, firstMoment, secondMoment] = [
    k.createVariable(x, shape),
    k.createVariable(x, shape),
    k.createVariable(x, shape),
  ];
  const half = k.constant(0.5);
  k.applyAdam({
    ...{ value, firstMoment, secondMoment, gradient: x },
    ...{ stepSize: half, beta1: half, beta2: half, epsilon: half },
  });
  for (const variable of [value, firstMoment, secondMoment]) k.destroyVariable(variable);
  return [];
}

function only([tensor]: readonly TensorId[]): TensorId {
  if (tensor === undefined) throw new RangeError('An op gave no result.');
  return tensor;
}
