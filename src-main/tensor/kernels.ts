import type { ProductType } from '../contract/productTypes.ts';
import { AppError } from '../util/appError.ts';
import { valueCount } from '../util/valueCount.ts';
import type { Binding, MadeTensor, Trace } from './binding.ts';
import { ConstantPool } from './constantPool.ts';
import { castAttributes } from './elementTypes.ts';
import * as attributes from './kernelAttributes.ts';
import { StartCounter, type KernelStarts } from './kernelStarts.ts';
import { OneDnnSoftmax } from './oneDnnSoftmax.ts';
import { dataTypes, shapeAttribute, stringAttribute, typeAttribute, type OpAttributes } from './opAttributes.ts';
import type { Saved } from './saved.ts';
import type { TensorId } from './tensorId.ts';

/** Handle of a resource variable: a tensor that ops change in place. Freed with {@link Kernels.destroyVariable}. */
export type VariableId = TensorId & { readonly __variableId: unique symbol };

/** Operands of {@link Kernels.applyAdam}. */
export interface AdamUpdate {
  readonly value: VariableId;
  readonly firstMoment: VariableId;
  readonly secondMoment: VariableId;
  readonly gradient: TensorId;
  /** α of the update, a scalar tensor. */
  readonly stepSize: TensorId;
  readonly beta1: TensorId;
  readonly beta2: TensorId;
  readonly epsilon: TensorId;
}

/**
 * libtensorflow's kernels, called directly: float32 tensors unless said otherwise, no tape, no garbage collection.
 * Every method borrows its arguments and returns new tensors; broadcasting is numpy's. Names and meanings are those of
 * the TensorFlow ops (tensorflow.org/api_docs/python/tf/raw_ops).
 */
export class Kernels {
  readonly #binding: Binding;
  readonly #constants: ConstantPool;
  readonly #oneDnnSoftmax: OneDnnSoftmax;
  /** Each with its shape. */
  readonly #alive = new Map<TensorId, Pick<MadeTensor, 'shape'>>();
  /** Tensors made in the scopes that are open. */
  readonly #scoped: TensorId[] = [];
  #scopes = 0;
  readonly #taken = new Set<TensorId>();
  readonly #kept = new Set<TensorId>();
  #variables = 0;
  #products: ProductType = 'float32';
  /** Tensors made by {@link operand} that are bfloat16. */
  readonly #rounded = new Set<TensorId>();
  /** Where the binding has no graphs; else it counts itself, since it decides what is started when. */
  readonly #counter = new StartCounter();

  constructor(binding: Binding) {
    this.#binding = binding;
    this.#constants = new ConstantPool(binding);
    this.#oneDnnSoftmax = new OneDnnSoftmax(binding);
  }

  /** Tensors alive, cached constants not counted: what a leak test compares. */
  get live(): number {
    return this.#alive.size;
  }

  /** Bytes of the tensors alive, at the four that nearly all of them have for a value. */
  get liveBytes(): number {
    let values = 0;
    for (const { shape } of this.#alive.values()) values += valueCount(shape);
    return 4 * values;
  }

  /** Ops and graphs started so far. */
  get starts(): KernelStarts {
    return this.#binding.graph?.starts ?? this.#counter.counted;
  }

  // ---- Data and ownership ----

  /** @param data row-major, under 1 GiB; must not change afterwards, since its memory may be shared */
  upload(data: Float32Array, shape: readonly number[]): TensorId {
    return this.#own(this.#binding.createTensor(shape, dataTypes.float, data), { shape });
  }

  /** An int32 tensor; like {@link upload}. */
  uploadInts(data: Int32Array, shape: readonly number[] = [data.length]): TensorId {
    return this.#own(this.#binding.createTensor(shape, dataTypes.int32, data), { shape });
  }

  /** A copy of the values of a tensor under 1 GiB, row-major. */
  download(tensor: TensorId): Float32Array {
    const data = this.#binding.tensorDataSync(tensor);
    if (data instanceof Float32Array) return data;
    throw new AppError('INTERNAL', 'A tensor that was to be read as float32 has another type.');
  }

  /** The value of a tensor with one element. */
  scalar(tensor: TensorId): number {
    return this.download(tensor)[0] ?? NaN;
  }

  free(...tensors: readonly TensorId[]): void {
    for (const tensor of tensors) {
      this.#alive.delete(tensor);
      this.#kept.delete(tensor);
      this.#rounded.delete(tensor);
      this.#binding.deleteTensor(tensor);
    }
  }

  /** Frees all tensors of a tree. */
  freeSaved(saved: Saved): void {
    if (saved === undefined) return;
    if (typeof saved === 'number') this.free(saved);
    else for (const part of Object.values(saved)) this.freeSaved(part);
  }

  /** Marks an argument as used for the last time: it is freed as soon as the op it is passed to is done. */
  take(tensor: TensorId): TensorId {
    this.#taken.add(tensor);
    return tensor;
  }

  /**
   * When `work` throws, frees what it created and did not {@link keep}, so that a failed step leaks nothing. For
   * synchronous work only.
   */
  scope<T>(work: () => T): T {
    const first = this.#scoped.length;
    this.#scopes += 1;
    try {
      return work();
    } catch (error) {
      this.#taken.clear();
      for (const tensor of this.#scoped.slice(first)) {
        if (this.#alive.has(tensor) && !this.#kept.has(tensor)) this.free(tensor);
      }
      throw error;
    } finally {
      this.#scopes -= 1;
      if (this.#scopes === 0) this.#scoped.length = 0;
    }
  }

  /**
   * Like {@link scope}; where the backend has graphs, the ops of `work` run together when it returns, or as soon as one
   * of their values is asked for.
   */
  graph<T>(work: () => T): T {
    return this.traced(work).result;
  }

  /** {@link graph}, with what is needed to run the same ops again; undefined where the backend cannot. */
  traced<T>(work: () => T): { readonly result: T; readonly trace: Trace | undefined } {
    const { graph } = this.#binding;
    if (graph === undefined) return { result: this.scope(work), trace: undefined };
    this.#oneDnnSoftmax.isUsable();
    return this.scope(() => {
      graph.begin();
      let result;
      try {
        result = work();
      } catch (error) {
        graph.drop();
        throw error;
      }
      return { result, trace: translated('graph', () => graph.run()) };
    });
  }

  /** Runs the ops of a trace on other tensors. @param feeds borrowed, in the order of the trace's */
  rerun(trace: Trace, feeds: readonly TensorId[]): TensorId[] {
    const { graph } = this.#binding;
    if (graph === undefined) throw new AppError('INTERNAL', 'A backend without graphs has no traces.');
    return translated('graph', () => graph.rerun(trace, feeds)).map((made) => this.#own(made.id, made));
  }

  /** Whether a tensor or cached constant is still there. */
  isAlive(tensor: TensorId): boolean {
    return this.#alive.has(tensor) || this.#constants.has(tensor);
  }

  /** Marks a tensor that outlives the scope it was made in, since something else owns it now. */
  keep<T extends TensorId>(tensor: T): T {
    this.#kept.add(tensor);
    return tensor;
  }

  /** A cached scalar; never to be freed. */
  constant(value: number): TensorId {
    return this.#constants.float(value);
  }

  /** Cached values [n, 1]; never to be freed. */
  constantColumn(values: readonly number[]): TensorId {
    return this.#constants.column(values);
  }

  // ---- Arithmetic, element by element ----

  add(a: TensorId, b: TensorId): TensorId {
    return this.#one('AddV2', attributes.floats, [a, b]);
  }

  sub(a: TensorId, b: TensorId): TensorId {
    return this.#one('Sub', attributes.floats, [a, b]);
  }

  mul(a: TensorId, b: TensorId): TensorId {
    return this.#one('Mul', attributes.floats, [a, b]);
  }

  div(a: TensorId, b: TensorId): TensorId {
    return this.#one('RealDiv', attributes.floats, [a, b]);
  }

  /** factor · a */
  scale(a: TensorId, factor: number): TensorId {
    return this.mul(a, this.#constants.float(factor));
  }

  /** a + term */
  shift(a: TensorId, term: number): TensorId {
    return this.add(a, this.#constants.float(term));
  }

  /** 1 − a */
  oneMinus(a: TensorId): TensorId {
    return this.sub(this.#constants.float(1), a);
  }

  abs(a: TensorId): TensorId {
    return this.#one('Abs', attributes.floats, [a]);
  }

  square(a: TensorId): TensorId {
    return this.#one('Square', attributes.floats, [a]);
  }

  /** 1 / √a */
  rsqrt(a: TensorId): TensorId {
    return this.#one('Rsqrt', attributes.floats, [a]);
  }

  exp(a: TensorId): TensorId {
    return this.#one('Exp', attributes.floats, [a]);
  }

  log(a: TensorId): TensorId {
    return this.#one('Log', attributes.floats, [a]);
  }

  sigmoid(a: TensorId): TensorId {
    return this.#one('Sigmoid', attributes.floats, [a]);
  }

  tanh(a: TensorId): TensorId {
    return this.#one('Tanh', attributes.floats, [a]);
  }

  erf(a: TensorId): TensorId {
    return this.#one('Erf', attributes.floats, [a]);
  }

  /** 1 where a ≥ b, else 0. */
  greaterEqual(a: TensorId, b: TensorId): TensorId {
    const bools = this.#one('GreaterEqual', attributes.floats, [a, b]);
    return this.#one('Cast', attributes.boolsToFloats, [this.take(bools)]);
  }

  /** Sum of tensors of one shape. */
  addAll(tensors: readonly TensorId[]): TensorId {
    return this.#one('AddN', attributes.withCount('addN', tensors.length), tensors);
  }

  // ---- Products and reductions ----

  /**
   * While `work` runs, {@link matMul} and {@link batchMatMul} take their operands rounded to `type`, as torch.autocast
   * has it: sums inside a product are float32, the result is rounded once more and float32 again. Every other op is as
   * it was. For synchronous work only; modes nest.
   */
  withProducts<T>(type: ProductType, work: () => T): T {
    const before = this.#products;
    this.#products = type;
    try {
      return work();
    } finally {
      this.#products = before;
    }
  }

  /**
   * A tensor as products take it now, so that several of them do not each round it; the caller's, and of use to them
   * alone. @param type in which `a` is kept
   */
  operand(a: TensorId, type: ProductType = 'float32'): TensorId {
    const wanted = this.#products;
    const made =
      type === wanted
        ? this.#one('Identity', attributes.identity(type), [a])
        : this.#one('Cast', castAttributes(type, wanted), [a]);
    if (wanted === 'bfloat16') this.#rounded.add(made);
    return made;
  }

  /** a b of matrices, either of them transposed first. */
  matMul(a: TensorId, b: TensorId, transposeA = false, transposeB = false): TensorId {
    return this.#product('MatMul', attributes.matMul(transposeA, transposeB, this.#products), a, b);
  }

  /** a b over the last two dimensions, the others being a batch. */
  batchMatMul(a: TensorId, b: TensorId, transposeA = false, transposeB = false): TensorId {
    return this.#product('BatchMatMulV2', attributes.batchMatMul(transposeA, transposeB, this.#products), a, b);
  }

  #product(name: string, list: OpAttributes, a: TensorId, b: TensorId): TensorId {
    if (this.#products === 'float32') return this.#one(name, list, [a, b]);
    const left = this.#asOperand(a);
    const right = b === a ? left : this.#asOperand(b);
    return this.#one('Cast', castAttributes('bfloat16', 'float32'), [this.take(this.#one(name, list, [left, right]))]);
  }

  /** The tensor itself where it is an operand already, else a rounded one that the next op frees. */
  #asOperand(a: TensorId): TensorId {
    return this.#rounded.has(a) ? a : this.take(this.#one('Cast', castAttributes('float32', 'bfloat16'), [a]));
  }

  /** {@link batchMatMul} for products of a few hundred thousand multiply-adds, without the start of worker threads. */
  smallBatchMatMul(a: TensorId, b: TensorId, transposeB = false): TensorId {
    return this.#one('BatchMatMulV3', attributes.smallBatchMatMul(transposeB), [a, b]);
  }

  sum(a: TensorId, axes: readonly number[], keepDimensions = false): TensorId {
    return this.#one('Sum', attributes.reduce(keepDimensions), [a, this.#constants.ints(axes)]);
  }

  mean(a: TensorId, axes: readonly number[], keepDimensions = false): TensorId {
    return this.#one('Mean', attributes.reduce(keepDimensions), [a, this.#constants.ints(axes)]);
  }

  max(a: TensorId, axes: readonly number[], keepDimensions = false): TensorId {
    return this.#one('Max', attributes.reduce(keepDimensions), [a, this.#constants.ints(axes)]);
  }

  /** ½ Σ a², a scalar. */
  halfSquaredNorm(a: TensorId): TensorId {
    return this.#one('L2Loss', attributes.floats, [a]);
  }

  /** Over the last dimension. */
  softmax(a: TensorId): TensorId {
    const shape = this.#alive.get(a)?.shape ?? [];
    // In a graph the shape is not known yet, and TensorFlow takes oneDNN's whatever it is.
    const fast = this.#oneDnnSoftmax.choose(shape.length === 0 ? Infinity : valueCount(shape));
    return this.#one(fast?.op ?? 'Softmax', fast?.attributes ?? attributes.floats, [a]);
  }

  // ---- Shapes ----

  /** The same data under another shape; one dimension may be −1. */
  reshape(a: TensorId, shape: readonly number[]): TensorId {
    return this.#one('Reshape', attributes.reshape, [a, this.#constants.ints(shape)]);
  }

  transpose(a: TensorId, permutation: readonly number[]): TensorId {
    return this.#one('Transpose', attributes.transpose, [a, this.#constants.ints(permutation)]);
  }

  /** Turns the order along an axis round. */
  reverse(a: TensorId, axis: number): TensorId {
    return this.#one('ReverseV2', attributes.reverse, [a, this.#constants.ints([axis])]);
  }

  /** The same data under a new handle. */
  alias(a: TensorId): TensorId {
    return this.#one('Identity', attributes.floats, [a]);
  }

  concat(tensors: readonly TensorId[], axis: number): TensorId {
    // The op wants at least two.
    const [only] = tensors;
    if (only !== undefined && tensors.length === 1) return this.alias(only);
    return this.#one('ConcatV2', attributes.withCount('concat', tensors.length), [
      ...tensors,
      this.#constants.int(axis),
    ]);
  }

  split(a: TensorId, sizes: readonly number[], axis: number): TensorId[] {
    if (sizes.length === 1) return [this.alias(a)];
    const inputs = [a, this.#constants.ints(sizes), this.#constants.int(axis)];
    return this.#run('SplitV', attributes.withCount('split', sizes.length), inputs, sizes.length);
  }

  /** @param size −1 takes what is left of a dimension */
  slice(a: TensorId, begin: readonly number[], size: readonly number[]): TensorId {
    return this.#one('Slice', attributes.slice, [a, this.#constants.ints(begin), this.#constants.ints(size)]);
  }

  /**
   * The slices of `a` along `axis` at the int32 `indices`.
   * @param batchDimensions 1: index i of row b looks into row b of `a`
   */
  gather(a: TensorId, indices: TensorId, axis = 0, batchDimensions: 0 | 1 = 0): TensorId {
    return this.#one('GatherV2', attributes.gather(batchDimensions), [a, indices, this.#constants.int(axis)]);
  }

  /**
   * Sums of the rows of `a` [N, …] by their int32 `places` [N]: row p of the result [rows, …] is the sum of those with
   * place p, zero where there is none.
   */
  sumRows(a: TensorId, places: TensorId, rows: number): TensorId {
    return this.#one('UnsortedSegmentSum', attributes.segmentSum, [a, places, this.#constants.int(rows)]);
  }

  // ---- Made from nothing ----

  fill(shape: readonly number[], value: number): TensorId {
    return this.#one('Fill', attributes.fill, [this.#constants.ints(shape), this.#constants.float(value)]);
  }

  /** [n, depth]: 1 in row i at the int32 `places[i]`, else 0. */
  oneHot(places: TensorId, depth: number): TensorId {
    const inputs = [places, this.#constants.int(depth), this.#constants.float(1), this.#constants.float(0)];
    return this.#one('OneHot', attributes.oneHot, inputs);
  }

  /** Keeps `below` subdiagonals and `above` superdiagonals of the last two dimensions (−1: all), zero elsewhere. */
  bandPart(a: TensorId, below: number, above: number): TensorId {
    const inputs = [a, this.#constants.int(below), this.#constants.int(above)];
    return this.#one('MatrixBandPart', attributes.bandPart, inputs);
  }

  /** Uniform in [0, 1); the same shape and seed give the same numbers. @param seed two 32-bit words */
  randomUniform(shape: readonly number[], seed: readonly [number, number]): TensorId {
    const seedTensor = this.uploadInts(new Int32Array(seed));
    return this.#one('StatelessRandomUniform', attributes.randomUniform, [
      this.#constants.ints(shape),
      this.take(seedTensor),
    ]);
  }

  // ---- Variables, changed in place ----

  /** @param initial borrowed; the variable takes its own copy when it is first changed */
  createVariable(initial: TensorId, shape: readonly number[]): VariableId {
    this.#variables += 1;
    const handle = this.#one(
      'VarHandleOp',
      [
        typeAttribute('dtype', dataTypes.float),
        shapeAttribute('shape', shape),
        stringAttribute('container', ''),
        stringAttribute('shared_name', `variable${String(this.#variables)}`),
      ],
      [],
    ) as VariableId;
    this.assignVariable(handle, initial);
    return handle;
  }

  /** The present value, shared with the variable until that changes. */
  readVariable(variable: VariableId): TensorId {
    return this.#one('ReadVariableOp', attributes.dtypeFloat, [variable]);
  }

  assignVariable(variable: VariableId, value: TensorId): void {
    this.#run('AssignVariableOp', attributes.dtypeFloat, [variable, value], 0);
  }

  /**
   * m ← m + (1 − β₁)(g − m); v ← v + (1 − β₂)(g² − v); value ← value − α m / (√v + ε). Bias correction is the
   * caller's, within α and ε.
   */
  applyAdam(update: AdamUpdate): void {
    const zero = this.#constants.float(0);
    this.#run(
      'ResourceApplyAdam',
      attributes.adam,
      [
        update.value,
        update.firstMoment,
        update.secondMoment,
        zero,
        zero,
        update.stepSize,
        update.beta1,
        update.beta2,
        update.epsilon,
        update.gradient,
      ],
      0,
    );
  }

  destroyVariable(variable: VariableId): void {
    this.#run('DestroyResourceOp', attributes.destroyResource, [variable], 0);
    this.free(variable);
  }

  // ---- Running ----

  /** Runs an op that has no method here (the SVD's, say); attributes are made with opAttributes.ts. */
  execute(name: string, list: OpAttributes, inputs: readonly TensorId[], outputs: number): TensorId[] {
    return this.#run(name, list, inputs, outputs);
  }

  #one(name: string, list: OpAttributes, inputs: readonly TensorId[]): TensorId {
    const [output] = this.#run(name, list, inputs, 1);
    if (output === undefined) throw new AppError('INTERNAL', `The op ${name} gave no result.`);
    return output;
  }

  #run(name: string, list: OpAttributes, inputs: readonly TensorId[], outputs: number): TensorId[] {
    if (this.#binding.graph === undefined) this.#counter.op();
    const results = translated(name, () => this.#binding.executeOp(name, list, inputs, outputs));
    if (this.#taken.size > 0) for (const input of inputs) if (this.#taken.delete(input)) this.free(input);
    return results.map((made) => this.#own(made.id, made));
  }

  #own(id: number, made: Pick<MadeTensor, 'shape'>): TensorId {
    const tensor = id as TensorId;
    this.#alive.set(tensor, made);
    if (this.#scopes > 0) this.#scoped.push(tensor);
    return tensor;
  }
}

function translated<T>(op: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw translate(error, op);
  }
}

function translate(error: unknown, op: string): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (/\bOOM\b|out of memory|resource ?exhausted/i.test(message)) {
    return new AppError(
      'OUT_OF_MEMORY',
      'There is not enough memory for this step; lower the batch size or sequence length, or turn on activation checkpointing.',
      { cause: error },
    );
  }
  return new AppError('INTERNAL', `TensorFlow’s op ${op} failed: ${message.trim()}`, { cause: error });
}
