import { ignoredLabel, type LabelledBatch } from '../decoder/batch.ts';
import { AppError } from '../util/appError.ts';
import { Rng } from '../util/rng.ts';
import { packFirstFit } from './packing.ts';
import type { TokenisedExample } from './tokenise.ts';

export interface BatchOptions {
  /** Rows per micro-batch. With packing a row holds several examples. */
  readonly batchSize: number;
  /** Micro-batches per optimizer step. */
  readonly accumulation: number;
  /** Room of a packed row in tokens. */
  readonly sequenceLength: number;
  readonly packing: boolean;
  /** Put examples of like length into one batch. */
  readonly lengthBuckets: boolean;
  readonly seed: number;
}

/** Where the next optimizer step takes its data. Plain JSON, kept in checkpoints. */
export interface BatchPosition {
  /** Counted from 0. */
  readonly epoch: number;
  /** Optimizer steps of this epoch that are done. */
  readonly index: number;
}

/** Indexes of the examples of one micro-batch. */
export type MicroBatch = readonly number[];

/** Batches whose examples are sorted by length among themselves; larger ones would make the order less random. */
const batchesPerBucket = 50;

/**
 * Plans which examples each optimizer step sees. The plan of an epoch depends on the lengths, the options and the
 * epoch's number alone, so a planner made at a saved position goes on with exactly the same batches.
 */
export class BatchPlanner {
  readonly #lengths: readonly number[];
  readonly #options: BatchOptions;
  #position: BatchPosition;
  #planned: { readonly epoch: number; readonly steps: readonly (readonly MicroBatch[])[] } | undefined;

  /**
   * @param lengths tokens of each example, at least one example
   * @throws AppError NOTHING_TO_LEARN without examples, RUN_INVALID for a position outside the data
   */
  constructor(lengths: readonly number[], options: BatchOptions, position: BatchPosition = { epoch: 0, index: 0 }) {
    if (lengths.length === 0) throw new AppError('NOTHING_TO_LEARN', 'There are no rows to learn from.');
    this.#lengths = lengths;
    this.#options = options;
    this.#position = position;
    const whole = Number.isSafeInteger(position.epoch) && Number.isSafeInteger(position.index);
    if (!whole || position.epoch < 0 || position.index < 0 || position.index > this.stepsOf(position.epoch)) {
      throw new AppError(
        'RUN_INVALID',
        `The saved data position (epoch ${position.epoch}, step ${position.index}) lies outside the data; the data file has changed since.`,
      );
    }
  }

  /** Optimizer steps of an epoch. Varies between epochs only with packing. */
  stepsOf(epoch: number): number {
    return this.#plan(epoch).length;
  }

  /** Optimizer steps of this many epochs, of which the last may be a part. */
  stepsIn(epochs: number): number {
    const whole = Math.floor(epochs);
    let steps = 0;
    for (let epoch = 0; epoch < whole; epoch += 1) steps += this.stepsOf(epoch);
    return Math.max(1, steps + Math.ceil((epochs - whole) * this.stepsOf(whole) - 1e-9));
  }

  /** Where {@link next} goes on. */
  get position(): BatchPosition {
    return this.#position;
  }

  /** The micro-batches of the next optimizer step. Epoch follows epoch without end. */
  next(): readonly MicroBatch[] {
    let { epoch, index } = this.#position;
    if (index >= this.stepsOf(epoch)) {
      epoch += 1;
      index = 0;
    }
    const step = this.#plan(epoch)[index] ?? [];
    this.#position = { epoch, index: index + 1 };
    return step;
  }

  #plan(epoch: number): readonly (readonly MicroBatch[])[] {
    if (this.#planned?.epoch !== epoch) {
      this.#planned = { epoch, steps: planEpoch(this.#lengths, this.#options, epoch) };
    }
    return this.#planned.steps;
  }
}

function planEpoch(lengths: readonly number[], options: BatchOptions, epoch: number): (readonly MicroBatch[])[] {
  const rng = new Rng(options.seed).fork(`batches of epoch ${epoch}`);
  const order = rng.shuffle(lengths.map((_, example) => example));
  const batches = options.packing ? packedBatches(order, lengths, options) : plainBatches(order, lengths, options);
  // Neither the fullest packed rows nor the longest examples are to come first.
  rng.shuffle(batches);
  return inGroupsOf(batches, options.accumulation);
}

function packedBatches(order: readonly number[], lengths: readonly number[], options: BatchOptions): MicroBatch[] {
  const packed = packFirstFit(
    order.map((example) => lengths[example] ?? 0),
    options.sequenceLength,
  );
  const rows = packed.map((row) => row.map((place) => order[place] ?? 0));
  return inGroupsOf(rows, options.batchSize).map((group) => group.flat());
}

function plainBatches(order: readonly number[], lengths: readonly number[], options: BatchOptions): MicroBatch[] {
  if (!options.lengthBuckets) return inGroupsOf(order, options.batchSize);
  return inGroupsOf(order, options.batchSize * batchesPerBucket).flatMap((bucket) =>
    inGroupsOf(
      bucket.sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0)),
      options.batchSize,
    ),
  );
}

/**
 * Micro-batches for evaluation: every example once, like lengths together, at most `batchSize` examples and, unless a
 * single example is longer, at most `maxTokens` tokens each. The same for the same lengths.
 */
export function evaluationBatches(lengths: readonly number[], batchSize: number, maxTokens = Infinity): MicroBatch[] {
  const order = lengths.map((_, example) => example).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
  const batches: number[][] = [];
  let current: number[] = [];
  let tokens = 0;
  for (const example of order) {
    const length = lengths[example] ?? 0;
    if (current.length > 0 && (current.length >= batchSize || tokens + length > maxTokens)) {
      batches.push(current);
      current = [];
      tokens = 0;
    }
    current.push(example);
    tokens += length;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

/**
 * Lays examples end to end. The label of a position is the token after it in the same example where that carries
 * loss; hence the first token of an example is never a label and its last position has none.
 */
export function assembleBatch(examples: readonly TokenisedExample[], batch: MicroBatch): LabelledBatch {
  const chosen = batch.map((index) => {
    const example = examples[index];
    if (example === undefined) throw new RangeError(`No example ${index} among ${examples.length}.`);
    return example;
  });
  const total = chosen.reduce((sum, example) => sum + example.ids.length, 0);
  const tokens = new Int32Array(total);
  const positions = new Int32Array(total);
  const labels = new Int32Array(total).fill(ignoredLabel);
  let at = 0;
  for (const { ids, loss } of chosen) {
    tokens.set(ids, at);
    for (let i = 0; i < ids.length; i += 1) {
      positions[at + i] = i;
      if (loss[i + 1] === 1) labels[at + i] = ids[i + 1] ?? ignoredLabel;
    }
    at += ids.length;
  }
  return { tokens, positions, lengths: chosen.map((example) => example.ids.length), labels };
}

/** Number of positions of a batch that carry loss. */
export function countLabels(batch: { readonly labels: Int32Array }): number {
  let count = 0;
  for (const label of batch.labels) if (label !== ignoredLabel) count += 1;
  return count;
}

function inGroupsOf<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let i = 0; i < items.length; i += size) groups.push(items.slice(i, i + size));
  return groups;
}
