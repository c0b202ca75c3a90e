import type { ProductType } from '../contract/productTypes.ts';
import { resolvePrecision, type WeightPrecision } from '../contract/weightPrecision.ts';
import type { AdapterSet, BaseLinear } from '../methods/types.ts';
import type { ArchSpec, WeightSource } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { AppError } from '../util/appError.ts';
import { at } from '../util/at.ts';
import { macrotask } from '../util/macrotask.ts';
import { availableMemory } from '../util/memory.ts';
import { decoderValues } from './archSize.ts';
import { isSmall } from './attentionCore.ts';
import type { TokenBatch } from './batch.ts';
import { checkBatch } from './checkBatch.ts';
import { buildDecoder, type DecoderParts } from './buildDecoder.ts';
import { DecoderCache } from './cache.ts';
import { continuation, DecodePass } from './decodePass.ts';
import type { LossSum } from './head.ts';
import type { LinearGroup } from './linearGroup.ts';
import { WeightLoader } from './loadWeights.ts';
import { BatchPass, type Pass } from './pass.ts';
import type { ResidualBlock } from './residualBlock.ts';
import { tableSize } from './rotaryTables.ts';
import { Trail } from './trail.ts';

export interface LoadOptions {
  /** Called after each weight with the bytes (as float32) loaded so far and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** `auto` where left out. */
  readonly weights?: WeightPrecision;
  /** What products of matrices are computed in, but for decoding; float32 where left out. */
  readonly products?: ProductType;
}

export interface GradientOptions {
  /** Factor on the summed loss: 1 / (counted labels of the whole accumulated batch). */
  readonly lossScale: number;
  /** Recompute each layer's activations in the backward pass instead of keeping them. */
  readonly activationCheckpointing: boolean;
  /** Two 32-bit words that differ between any two micro-batches of a run; undefined = no dropout. */
  readonly dropoutSeed?: readonly [number, number] | undefined;
}

/** Attention and MLP: activations are recomputed from the input of both. */
const blocksOfLayer = 2;

/** A pass of no more rows is over before anyone waits for an answer. */
const fewRows = 16;

/**
 * A decoder-only transformer with frozen weights in the backend and, when set, adapters on its linear maps. Forward and
 * backward passes are written out by hand: see residualBlock.ts for how the blocks fit together.
 */
export class Decoder {
  readonly arch: ArchSpec;
  readonly kernels: Kernels;
  /** Values of the base model. */
  readonly parameters: number;
  readonly #parts: DecoderParts;
  readonly #products: ProductType;
  #folded = false;
  #released = false;

  private constructor(
    kernels: Kernels,
    arch: ArchSpec,
    parts: DecoderParts,
    parameters: number,
    products: ProductType,
  ) {
    this.kernels = kernels;
    this.arch = arch;
    this.parameters = parameters;
    this.#parts = parts;
    this.#products = products;
  }

  /** @throws AppError TENSOR_MISSING, TENSOR_INVALID (shape), CANCELLED and what the source throws */
  static async load(
    kernels: Kernels,
    arch: ArchSpec,
    source: WeightSource,
    { onProgress, weights = 'auto', products = 'float32' }: LoadOptions,
    signal: AbortSignal,
  ): Promise<Decoder> {
    const total = 4 * decoderValues(arch);
    const precision = resolvePrecision(weights, total, await availableMemory());
    const loader = new WeightLoader(kernels, source, precision, signal, (values) => onProgress?.(4 * values, total));
    try {
      return new Decoder(kernels, arch, await buildDecoder(arch, loader), loader.values, products);
    } catch (error) {
      loader.undo();
      throw error;
    }
  }

  /**
   * Puts adapters on (the set stays the caller's), or takes them off: the answers are then the base model's.
   * @throws AppError SETTINGS_INVALID for an adapter of a matrix that the decoder does not have
   */
  setAdapters(adapters: AdapterSet | undefined): void {
    for (const name of adapters?.matrices.keys() ?? []) {
      if (this.#findBase(name) === undefined) {
        throw new AppError('SETTINGS_INVALID', `The model has no matrix ${name} to put an adapter on.`);
      }
    }
    if (this.#released) throw new AppError('INTERNAL', 'The base model of trained weights is no longer there.');
    this.unfold();
    for (const group of this.#groups()) group.adapt(adapters);
    const { embedding, blocks, head } = this.#parts;
    const weights = adapters?.weights;
    const { arch } = this;
    embedding.adapt(weights?.get(arch.embedding), weights?.get(arch.positionEmbedding ?? ''));
    head.adapt(weights?.get(arch.head ?? arch.embedding));
    for (const norm of [...blocks.flatMap((block) => block.norms), head.norm]) norm.adapt(weights);
  }

  /**
   * Frees the frozen matrices that parameters of the adapters stand in for: the base model cannot answer any more, and
   * the adapters must stay on.
   */
  releaseBase(): void {
    const { embedding, headWeight } = this.#parts;
    this.#released = true;
    for (const group of this.#groups()) group.release();
    embedding.release();
    if (this.#parts.head.trainable) headWeight?.dispose();
  }

  /**
   * Loss of a batch with labels, without gradients or dropout.
   * @param each filled with −log p of every label in order, where given
   */
  async loss(batch: TokenBatch, signal: AbortSignal, each?: Float32Array): Promise<LossSum> {
    const labels = labelsOf(batch);
    const pass = this.#pass(batch);
    return this.#withHidden(pass, signal, (x) => this.#parts.head.loss(x, pass, labels, signal, each));
  }

  /**
   * Logits of the rows asked for (all of them by default), row-major [rows, V].
   * @param rows indexes into the batch's tokens; rows · V must stay under 2²⁸
   */
  async logits(
    batch: TokenBatch,
    signal: AbortSignal,
    rows: readonly number[] = [...batch.tokens.keys()],
  ): Promise<Float32Array> {
    const wanted = Int32Array.from(rows);
    const pass = this.#pass(batch);
    return this.#withHidden(pass, signal, (x) => this.#parts.head.logits(x, pass, wanted, signal));
  }

  /** Loss of a batch with labels; adds lossScale · ∂lossSum/∂θ to the gradient of every parameter of the adapters. */
  async accumulateGradients(batch: TokenBatch, options: GradientOptions, signal: AbortSignal): Promise<LossSum> {
    const labels = labelsOf(batch);
    const k = this.kernels;
    const { blocks, head, embedding } = this.#parts;
    // Below the lowest block with an adapter nothing is kept and nothing goes back.
    const lowest = embedding.trainable ? 0 : blocks.findIndex((block) => block.trainable);
    if (lowest < 0) return this.loss(batch, signal);
    const pass = this.#pass(batch, options.dropoutSeed);
    const trail = new Trail(k);
    try {
      const x = await this.#forward(pass, trail, signal, lowest, !options.activationCheckpointing);
      const { lossSum, count, gradient } = await head.lossAndGradient(x, pass, labels, options.lossScale, signal);
      k.free(x);
      trail.current = gradient;
      for (let i = blocks.length - 1; i >= lowest; i--) {
        await macrotask(signal);
        if (trail.last.saved === undefined) {
          this.#recompute(blocks.slice(Math.max(lowest, i - (i % blocksOfLayer)), i + 1), trail, pass);
        }
        this.#stepBack(at(blocks, i), trail, pass, i > lowest || embedding.trainable);
      }
      if (embedding.trainable) this.#embeddingBack(trail, pass);
      return { lossSum, count };
    } finally {
      trail.dispose();
      pass.dispose();
    }
  }

  #embeddingBack(trail: Trail, pass: Pass): void {
    const gradient = trail.current;
    if (gradient !== undefined) this.kernels.scope(() => this.#parts.embedding.backward(gradient, pass));
  }

  get folded(): boolean {
    return this.#folded;
  }

  /** Bytes that {@link fold} takes up at most. */
  get foldedBytes(): number {
    let values = 0;
    for (const group of this.#groups()) values += group.values;
    return 4 * values;
  }

  /**
   * Joins weights and merges adapters, at their present values, for the decoding passes to come; a second copy of
   * most of the layers' weights. Undone by {@link unfold} and {@link setAdapters}.
   * @throws AppError CANCELLED, OUT_OF_MEMORY; nothing is folded then
   */
  async fold(signal: AbortSignal): Promise<void> {
    try {
      for (const group of this.#groups()) {
        await macrotask(signal);
        this.kernels.scope(() => group.fold());
      }
      this.#folded = true;
    } catch (error) {
      this.unfold();
      throw error;
    }
  }

  /** Frees what {@link fold} made. */
  unfold(): void {
    this.#folded = false;
    for (const group of this.#groups()) group.unfold();
  }

  /** An empty cache for continuing `sequences` sequences side by side. */
  newCache(sequences: number): DecoderCache {
    return new DecoderCache(this.kernels, this.arch, sequences);
  }

  /**
   * Appends tokens to each sequence of the cache. When it throws, the cache is of no further use but to be disposed of.
   * @param tokens at least one for each sequence, as many as its own prompt has
   * @returns logits of the token after each sequence's last, row-major [sequences, V]
   */
  async decode(
    cache: DecoderCache,
    tokens: readonly (readonly number[])[],
    signal: AbortSignal,
  ): Promise<Float32Array> {
    const batch = continuation(cache, tokens);
    const isFirst = cache.room === 0;
    checkBatch(this.arch, batch);
    const pass = new DecodePass(this.kernels, cache, batch);
    if (!isFirst && tokens.length <= fewRows && tokens.every(({ length }) => length === 1)) {
      return this.#decodeStep(cache, pass, Math.max(...batch.positions));
    }
    let end = 0;
    const last = tokens.map((own) => (end += own.length) - 1);
    return this.#withHidden(pass, signal, (x) => this.#parts.head.logits(x, pass, Int32Array.from(last), signal));
  }

  /** {@link decode} of one token a sequence, but the first: from step to step nothing but the tensors changes. */
  #decodeStep(cache: DecoderCache, pass: DecodePass, largestPosition: number): Float32Array {
    const k = this.kernels;
    try {
      const { heads, headDim, layers } = this.arch;
      const given = pass.given(new Set(layers.map(({ attention }) => attention.window)));
      const small = isSmall({ count: pass.rows, heads, queries: 1, keys: pass.keyCount(), headDim });
      // What the layers' ops depend on beside the tensors: their number, and sizes that choose between kernels.
      const key = [pass.rows, given.length, small, tableSize(largestPosition + 1)].join(' ');
      const [logits] = cache.steps.run(key, given, () => {
        const x = this.#forwardFew(pass);
        const own = this.#parts.head.fewLogits(x, pass.rows);
        k.free(x);
        return [own];
      });
      if (logits === undefined) throw new AppError('INTERNAL', 'A step of decoding has no logits.');
      const values = k.download(logits);
      k.free(logits);
      return values;
    } finally {
      pass.dispose();
    }
  }

  /** The last block's output of a pass of few rows. */
  #forwardFew(pass: Pass): TensorId {
    const k = this.kernels;
    let x = this.#parts.embedding.forward(pass);
    for (const block of this.#parts.blocks) {
      const { y, saved } = block.forward(x, pass);
      k.freeSaved(saved);
      k.free(x);
      x = y;
    }
    return x;
  }

  /** The frozen weight of an adaptable linear map, [d_out, d_in], a tensor of the caller's. */
  baseWeight(name: string): TensorId {
    const base = this.#findBase(name);
    if (base === undefined) throw new AppError('TENSOR_MISSING', `The decoder has no weight matrix ${name}.`);
    return base.weight.read();
  }

  dispose(): void {
    const { embedding, blocks, head, headWeight, rotaryTables } = this.#parts;
    for (const part of [embedding, ...blocks, head, ...rotaryTables]) part.dispose();
    if (!(this.#released && head.trainable)) headWeight?.dispose();
  }

  /** @throws AppError INTERNAL for a batch that does not fit the model */
  #pass(batch: TokenBatch, dropoutSeed?: readonly [number, number]): BatchPass {
    checkBatch(this.arch, batch);
    return new BatchPass(this.kernels, batch, this.arch.heads, dropoutSeed, this.#products);
  }

  /** Lends the last block's output to `use`, then frees it and the pass. */
  async #withHidden<T>(
    pass: Pass & { dispose(): void },
    signal: AbortSignal,
    use: (x: TensorId) => Promise<T>,
  ): Promise<T> {
    const trail = new Trail(this.kernels);
    try {
      return await use(await this.#forward(pass, trail, signal, this.#parts.blocks.length, false));
    } finally {
      trail.dispose();
      pass.dispose();
    }
  }

  /**
   * The last block's output, which the trail owns.
   * @param lowest the first block whose input goes into the trail; `keep` its other activations, and those of all
   * blocks after it, else the inputs of layers alone
   */
  async #forward(pass: Pass, trail: Trail, signal: AbortSignal, lowest: number, keep: boolean): Promise<TensorId> {
    const k = this.kernels;
    let x = this.#graph(pass, () => this.#parts.embedding.forward(pass));
    for (const [i, block] of this.#parts.blocks.entries()) {
      trail.current = x;
      if (pass.rows > fewRows) await macrotask(signal);
      const { y, saved } = this.#graph(pass, () => block.forward(x, pass));
      const kept = keep && i >= lowest;
      if (!kept) k.freeSaved(saved);
      if (i < lowest || !(keep || i === lowest || i % blocksOfLayer === 0)) k.free(x);
      else trail.push(x, kept ? saved : undefined);
      x = y;
    }
    trail.current = x;
    return x;
  }

  /** Puts into the trail what these blocks leave for the backward pass; the input of the first is its last entry. */
  #recompute(blocks: readonly ResidualBlock[], trail: Trail, pass: Pass): void {
    const k = this.kernels;
    for (const [i, block] of blocks.entries()) {
      const { input } = trail.last;
      const { y, saved } = this.#graph(pass, () => block.forward(input, pass));
      trail.restore(saved);
      if (i < blocks.length - 1) trail.push(y, undefined);
      else k.free(y);
    }
  }

  /** Takes the gradient in the trail back through its last block, whose activations are there. */
  #stepBack(block: ResidualBlock, trail: Trail, pass: Pass, inputGradientNeeded: boolean): void {
    const k = this.kernels;
    const { input, saved } = trail.last;
    const gradient = trail.current;
    if (gradient === undefined || saved === undefined) return;
    const before = this.#graph(pass, () => block.backward(gradient, input, saved, pass, inputGradientNeeded));
    k.free(gradient);
    trail.pop();
    trail.current = before;
  }

  /** {@link Kernels.graph} with the products of the pass. */
  #graph<T>(pass: Pass, work: () => T): T {
    const k = this.kernels;
    return k.withProducts(pass.products, () => k.graph(work));
  }

  *#groups(): Generator<LinearGroup> {
    for (const block of this.#parts.blocks) yield* block.groups;
  }

  #findBase(name: string): BaseLinear | undefined {
    for (const { bases } of this.#groups()) {
      const base = bases.find((candidate) => candidate.name === name);
      if (base !== undefined) return base;
    }
    return undefined;
  }
}

function labelsOf({ labels }: TokenBatch): Int32Array {
  if (labels === undefined) throw new AppError('INTERNAL', 'A batch without labels has no loss.');
  return labels;
}
