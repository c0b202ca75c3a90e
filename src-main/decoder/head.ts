import { addGradient } from '../methods/parameter.ts';
import { TrainedWeight } from '../methods/trainedWeight.ts';
import type { Parameter } from '../methods/types.ts';
import type { FrozenWeight } from '../tensor/frozenWeight.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { macrotask } from '../util/macrotask.ts';
import { ignoredLabel } from './batch.ts';
import { timesTransposed } from './fewRows.ts';
import type { Norm, NormSaved } from './norm.ts';
import type { Pass } from './pass.ts';

/** Largest tensor of logits at a time. */
const chunkBytes = 32 * 2 ** 20;

export interface LossSum {
  /** Sum of −log p over the counted labels, in nats. */
  readonly lossSum: number;
  /** Labels that are not −100. */
  readonly count: number;
}

type ChunkSaved = {
  readonly labels: TensorId;
  readonly input: TensorId;
  readonly norm: NormSaved;
  readonly probabilities: TensorId;
  readonly tanh: TensorId | undefined;
};

/** What the head needs of a pass. */
type Products = Pick<Pass, 'products'>;

/** Final norm and product with the vocabulary, only for the rows that are asked for, a few at a time. */
export class Head {
  readonly #k: Kernels;
  readonly #norm: Norm;
  /** [V, hiddenSize]; the embedding's own where the weights are tied, hence not freed here. */
  readonly #weight: FrozenWeight;
  readonly #vocabularySize: number;
  readonly #hiddenSize: number;
  readonly #softcap: number | undefined;
  #trained: TrainedWeight | undefined;

  constructor(
    kernels: Kernels,
    norm: Norm,
    weight: FrozenWeight,
    vocabularySize: number,
    hiddenSize: number,
    softcap: number | undefined,
  ) {
    this.#k = kernels;
    this.#norm = norm;
    this.#weight = weight;
    this.#vocabularySize = vocabularySize;
    this.#hiddenSize = hiddenSize;
    this.#softcap = softcap;
  }

  /** Whether the product with the vocabulary is trained. */
  get trainable(): boolean {
    return this.#trained !== undefined;
  }

  get norm(): Norm {
    return this.#norm;
  }

  /** Puts a parameter in the place of the weight, or the frozen one back. */
  adapt(weight: Parameter | undefined): void {
    this.#trained = weight && new TrainedWeight(this.#k, weight);
  }

  /** Logits of some rows of x [N, hiddenSize], row-major [rows, V]. */
  async logits(x: TensorId, pass: Products, rows: Int32Array, signal: AbortSignal): Promise<Float32Array> {
    const chunks = [...this.#chunks(rows.length)];
    return this.#withWeight(pass, async (weight) => {
      if (chunks.length === 1) return this.#scope(pass, () => this.#chunkLogits(x, rows, weight));
      const all = new Float32Array(rows.length * this.#vocabularySize);
      for (const { from, to } of chunks) {
        await macrotask(signal);
        const chunk = this.#scope(pass, () => this.#chunkLogits(x, rows.slice(from, to), weight));
        all.set(chunk, from * this.#vocabularySize);
      }
      return all;
    });
  }

  /** Logits [N, V] of a few rows, left where they are. @param x [N, hiddenSize] */
  fewLogits(x: TensorId, rows: number): TensorId {
    const weight = this.#present.operand();
    const logits = this.#allLogits(x, rows, weight);
    this.#k.free(weight);
    return logits;
  }

  /**
   * Σ −log p(label) over the rows with a label.
   * @param each filled with −log p of every label in order, where given
   */
  async loss(
    x: TensorId,
    pass: Products,
    labels: Int32Array,
    signal: AbortSignal,
    each?: Float32Array,
  ): Promise<LossSum> {
    const k = this.#k;
    const { indexes, targets } = labelledRows(labels);
    return this.#withWeight(pass, async (weight) => {
      let lossSum = 0;
      for (const { from, to } of this.#chunks(indexes.length)) {
        await macrotask(signal);
        lossSum += this.#scope(pass, () => {
          const part = each?.subarray(from, to);
          const chunk = this.#chunkForward(x, indexes.slice(from, to), targets.slice(from, to), weight, part);
          k.freeSaved(chunk.saved);
          return chunk.lossSum;
        });
      }
      return { lossSum, count: indexes.length };
    });
  }

  /** The loss and lossScale · ∂lossSum/∂x [N, hiddenSize]; adds to the gradients of what is trained here. */
  async lossAndGradient(
    x: TensorId,
    pass: Products,
    labels: Int32Array,
    lossScale: number,
    signal: AbortSignal,
  ): Promise<LossSum & { readonly gradient: TensorId }> {
    const k = this.#k;
    const { indexes, targets } = labelledRows(labels);
    const parts: TensorId[] = [];
    try {
      const lossSum = await this.#withWeight(pass, async (weight) => {
        let sum = 0;
        for (const { from, to } of this.#chunks(indexes.length)) {
          await macrotask(signal);
          const part = this.#scope(pass, () => {
            const chunk = this.#chunkForward(x, indexes.slice(from, to), targets.slice(from, to), weight);
            const gradient =
              pass.products === 'float32'
                ? this.#chunkBackward(chunk.saved, weight, lossScale)
                : this.#roundedChunkBackward(chunk.saved, weight, lossScale);
            k.freeSaved(chunk.saved);
            return { lossSum: chunk.lossSum, gradient };
          });
          sum += part.lossSum;
          parts.push(part.gradient);
        }
        return sum;
      });
      const gradient = k.scope(() => this.#spread(parts, placesOf(indexes, labels.length)));
      return { lossSum, count: indexes.length, gradient };
    } finally {
      k.free(...parts);
    }
  }

  dispose(): void {
    this.#norm.dispose();
  }

  /** Lends the weight as an operand of products, for all chunks: it may have to be unpacked or rounded. */
  async #withWeight<T>({ products }: Products, use: (weight: TensorId) => Promise<T>): Promise<T> {
    const weight = this.#k.keep(this.#k.withProducts(products, () => this.#present.operand()));
    try {
      return await use(weight);
    } finally {
      this.#k.free(weight);
    }
  }

  /** {@link Kernels.scope} with the products of the pass. */
  #scope<T>({ products }: Products, work: () => T): T {
    return this.#k.withProducts(products, () => this.#k.scope(work));
  }

  get #present(): FrozenWeight {
    return this.#trained ?? this.#weight;
  }

  #chunkLogits(x: TensorId, rows: Int32Array, weight: TensorId): Float32Array {
    const k = this.#k;
    const chosen = k.gather(x, k.take(k.uploadInts(rows)));
    const logits = this.#allLogits(chosen, rows.length, weight);
    const values = k.download(logits);
    k.free(chosen, logits);
    return values;
  }

  #allLogits(x: TensorId, rows: number, weight: TensorId): TensorId {
    const { y, saved } = this.#norm.forward(x);
    const { logits, tanh } = this.#product(this.#k.take(y), weight, rows);
    this.#k.freeSaved([saved, tanh]);
    return logits;
  }

  /** The gradients of the labelled rows among all rows; the others get the zero row at the end. */
  #spread(parts: readonly TensorId[], places: Int32Array): TensorId {
    const k = this.#k;
    const zero = k.fill([1, this.#hiddenSize], 0);
    const compact = k.concat([...parts, zero], 0);
    k.free(zero);
    return k.gather(k.take(compact), k.take(k.uploadInts(places)));
  }

  /** −log p = log Σ exp − logit. log Σ exp is taken from the likeliest token, whose p cannot underflow. */
  #chunkForward(
    x: TensorId,
    rows: Int32Array,
    targets: Int32Array,
    weight: TensorId,
    each?: Float32Array,
  ): { readonly lossSum: number; readonly saved: ChunkSaved } {
    const k = this.#k;
    const labels = k.uploadInts(targets, [targets.length, 1]);
    const input = k.gather(x, k.take(k.uploadInts(rows))); // [n, hiddenSize]
    const normed = this.#norm.forward(input);
    const { logits, tanh } = this.#product(k.take(normed.y), weight, rows.length); // [n, V]
    const probabilities = k.softmax(logits);
    const largest = k.max(logits, [-1], true); // [n, 1]
    const logLargest = k.log(k.take(k.max(probabilities, [-1], true)));
    const ofLabel = k.gather(k.take(logits), labels, 1, 1);
    const losses = k.sub(k.take(k.sub(k.take(largest), k.take(logLargest))), k.take(ofLabel));
    each?.set(k.download(losses));
    const lossSum = k.sum(k.take(losses), [0, 1]);
    const value = k.scalar(lossSum);
    k.free(lossSum);
    return { lossSum: value, saved: { labels, input, norm: normed.saved, probabilities, tanh } };
  }

  /**
   * dlogits = p − onehot(label), times the slope of the cap where there is one. The one-hot part goes straight to the
   * label's row of the weight instead of through a [n, V] tensor.
   */
  #chunkBackward(chunk: ChunkSaved, weight: TensorId, lossScale: number): TensorId {
    const k = this.#k;
    const { labels, input, norm, probabilities, tanh } = chunk;
    const slope = tanh === undefined ? undefined : k.oneMinus(k.take(k.square(tanh))); // [n, V]
    const spread = slope === undefined ? k.alias(probabilities) : k.mul(probabilities, slope);
    if (this.#trained !== undefined) this.#addWeightGradient(this.#trained.parameter, spread, slope, chunk, lossScale);
    const expected = k.matMul(k.take(spread), weight); // [n, hiddenSize]
    const flat = k.reshape(labels, [-1]);
    const wanted = this.#slopedRows(this.#present.rows(flat), slope, labels);
    k.free(flat);
    const dNormed = k.scale(k.take(k.sub(k.take(expected), k.take(wanted))), lossScale);
    const dInput = this.#norm.backward(dNormed, input, norm);
    k.free(dNormed);
    return dInput;
  }

  /**
   * {@link #chunkBackward} where products round: there dlogits are put together first, since for a label with p near 1 the
   * difference of two rounded rows would be nothing but their rounding.
   */
  #roundedChunkBackward(
    { labels, input, norm, probabilities, tanh }: ChunkSaved,
    weight: TensorId,
    lossScale: number,
  ): TensorId {
    const k = this.#k;
    const oneHot = k.oneHot(k.take(k.reshape(labels, [-1])), this.#vocabularySize);
    const errors = k.sub(probabilities, k.take(oneHot));
    const slope = tanh === undefined ? undefined : k.oneMinus(k.take(k.square(tanh)));
    const dLogits = slope === undefined ? errors : k.mul(k.take(errors), k.take(slope)); // [n, V]
    if (this.#trained !== undefined) {
      const normed = this.#norm.apply(input, norm); // [n, hiddenSize]
      const dWeight = k.matMul(dLogits, k.take(normed), true); // [V, hiddenSize]
      addGradient(k, this.#trained.parameter, k.scale(k.take(dWeight), lossScale));
    }
    const dNormed = k.scale(k.take(k.matMul(k.take(dLogits), weight)), lossScale);
    const dInput = this.#norm.backward(dNormed, input, norm);
    k.free(dNormed);
    return dInput;
  }

  /** dW = dlogitsᵀ x̂: of the probabilities as a product, of the labels row by row. All borrowed. */
  #addWeightGradient(
    parameter: Parameter,
    spread: TensorId,
    slope: TensorId | undefined,
    { labels, input, norm }: ChunkSaved,
    lossScale: number,
  ): void {
    const k = this.#k;
    const normed = this.#norm.apply(input, norm); // [n, hiddenSize]
    const expected = k.matMul(spread, normed, true); // [V, hiddenSize]
    const rows = this.#slopedRows(normed, slope && k.alias(slope), labels);
    const places = k.reshape(labels, [-1]);
    const wanted = k.sumRows(k.take(rows), k.take(places), this.#vocabularySize);
    addGradient(k, parameter, k.scale(k.take(k.sub(k.take(expected), k.take(wanted))), lossScale));
  }

  /** Times the slope at each row's label. @param rows, slope consumed */
  #slopedRows(rows: TensorId, slope: TensorId | undefined, labels: TensorId): TensorId {
    const k = this.#k;
    if (slope === undefined) return rows;
    return k.mul(k.take(rows), k.take(k.gather(k.take(slope), labels, 1, 1)));
  }

  /** @param normed [rows, hiddenSize], marked as taken by the caller */
  #product(
    normed: TensorId,
    weight: TensorId,
    rows: number,
  ): { readonly logits: TensorId; readonly tanh: TensorId | undefined } {
    const k = this.#k;
    const raw = timesTransposed(k, normed, weight, rows);
    if (this.#softcap === undefined) return { logits: raw, tanh: undefined };
    const tanh = k.tanh(k.take(k.scale(k.take(raw), 1 / this.#softcap)));
    return { logits: k.scale(tanh, this.#softcap), tanh };
  }

  *#chunks(rows: number): Generator<{ readonly from: number; readonly to: number }> {
    const most = Math.max(1, Math.floor(chunkBytes / (4 * this.#vocabularySize)));
    // Chunks of like size: a last one of a few rows would read the whole weight for them.
    const step = Math.ceil(rows / Math.ceil(rows / most));
    for (let from = 0; from < rows; from += step) yield { from, to: Math.min(rows, from + step) };
  }
}

function labelledRows(labels: Int32Array): { readonly indexes: Int32Array; readonly targets: Int32Array } {
  const indexes: number[] = [];
  labels.forEach((label, row) => {
    if (label !== ignoredLabel) indexes.push(row);
  });
  return { indexes: Int32Array.from(indexes), targets: labels.filter((label) => label !== ignoredLabel) };
}

/** For each of `rows` rows its index among the labelled ones, or their number where it has no label. */
function placesOf(indexes: Int32Array, rows: number): Int32Array {
  const places = new Int32Array(rows).fill(indexes.length);
  indexes.forEach((row, place) => {
    places[row] = place;
  });
  return places;
}
