import type { MemoryNeeds } from '../contract/training.ts';
import type { ModelCost, TokenCounts } from './modelCost.ts';
import type { WeightBytes } from './weightBytes.ts';

const float = 4;
const half = 2;
/** Resident memory with TensorFlow and a tokenizer loaded, and data of moderate size. Measured: 470–500 MB. */
const processBytes = 500e6;
/** Freed blocks that the allocator keeps. Measured over the sum of the tensors: less than this. */
const allocatorShare = 0.05;
/** Of the embedding: gradients through the input and through the head, their sum, and what the update makes. */
const copiesOfLargest = 3;
/** The decoder takes the product with the vocabulary in chunks of at most this (decoder/head.ts). */
const headChunkBytes = 32 * 2 ** 20;

export interface MemoryInputs {
  readonly cost: ModelCost;
  readonly weights: WeightBytes;
  readonly trainable: number;
  /** Values of the largest weight of the model that is trained itself; left out where adapters are trained. */
  readonly largestTrained?: number;
  /** Values of adapters that are not trained. */
  readonly frozenValues: number;
  /** Values that the adapters keep for the backward pass, for each token. */
  readonly keptByAdapters: number;
  /** Of the largest micro-batch. */
  readonly batch: TokenCounts;
  /** Of the largest batch of an evaluation; left out where nothing is held out. */
  readonly evaluationBatch?: TokenCounts;
  /** Values of the largest tensor that is saved. */
  readonly largestSaved?: number;
  readonly activationCheckpointing: boolean;
  /** Whether products take their operands rounded to bfloat16. */
  readonly rounded?: boolean;
}

/** Peak memory of training by parts, in bytes. Follows what decoder/ keeps for the backward pass. */
export function estimateMemory(inputs: MemoryInputs): MemoryNeeds {
  const { weights, trainable, evaluationBatch, largestSaved = 0 } = inputs;
  const adapters = float * (trainable + inputs.frozenValues);
  const optimizer = optimizerBytes(inputs);
  // A weight kept in a smaller form is float32 twice over while it is made so.
  const unpacked = 2 * weights.unpacked;
  const activations = activationBytes(inputs) + unpacked + operandBytes(inputs, inputs.batch);
  const runtime = processBytes + allocatorShare * activations;
  // Between two steps there are no gradients.
  const between = weights.kept + adapters + 2 * float * trainable;
  const training = weights.kept + adapters + optimizer + activations + runtime;
  const evaluating =
    evaluationBatch === undefined
      ? 0
      : forwardBytes(inputs, evaluationBatch) + unpacked + operandBytes(inputs, evaluationBatch);
  const evaluation = between + (1 + allocatorShare) * evaluating + processBytes;
  // Read from the backend, and once more as bytes of the file.
  const saving = between + 2 * float * largestSaved + processBytes;
  return {
    weights: weights.kept,
    adapters,
    optimizer,
    activations,
    runtime,
    peaks: { training, evaluation, saving },
    total: Math.max(training, evaluation, saving),
  };
}

/** Of a forward pass with loss: nothing is kept beyond the layer that is at work. */
function forwardBytes(inputs: MemoryInputs, batch: TokenCounts): number {
  const { cost } = inputs;
  const layer = keptByLayer({ ...inputs, batch }) + cost.hiddenSize * batch.computed;
  return float * (layer + transientOfLayer(cost, batch)) + headBytes(cost, batch);
}

/** Two moments, the gradient, and the value's copy while it is updated. */
function optimizerBytes({ trainable, largestTrained }: MemoryInputs): number {
  if (largestTrained === undefined) return 4 * float * trainable;
  // Copies are of one tensor at a time: too small a share of adapters to tell apart, but not here.
  return float * (3 * trainable + copiesOfLargest * largestTrained);
}

function activationBytes(inputs: MemoryInputs): number {
  const { cost, batch, activationCheckpointing } = inputs;
  const inputsOfLayers = cost.layers * cost.hiddenSize * batch.computed;
  const kept = keptByLayer(inputs);
  const layers = activationCheckpointing ? inputsOfLayers + kept : inputsOfLayers + cost.layers * kept;
  return float * (layers + transientOfLayer(cost, batch)) + headBytes(cost, batch);
}

/** Of rounded operands: the head's weight while it is at work, and what is multiplied with it or in the MLP. */
function operandBytes({ cost, rounded }: MemoryInputs, batch: TokenCounts): number {
  if (rounded !== true) return 0;
  const ofHead =
    cost.vocabularySize * cost.hiddenSize + Math.min(headChunkBytes / float, cost.vocabularySize * batch.lossTokens);
  const ofMlp = 2 * cost.intermediateSize * (batch.computed + cost.hiddenSize);
  return half * Math.max(ofHead, ofMlp);
}

/** Values a layer keeps, its input not counted. */
function keptByLayer({ cost, batch, keptByAdapters }: MemoryInputs): number {
  // The mixed heads are made again where no sequence is longer than a tile.
  const mixed = batch.scoresAtOnce < batch.squares ? cost.queryWidth : 0;
  // The stream between attention and MLP, and twice its width that graphs and the allocator hold besides (measured); the
  // mixed heads; gate and up.
  const perToken = 3 * cost.hiddenSize + mixed + 2 * cost.intermediateSize + keptByAdapters / cost.layers;
  // q, k and v, which every sequence has of its own.
  const perPlace = cost.queryWidth + 2 * cost.keyWidth + cost.headNormWidth;
  return batch.computed * perToken + batch.tokens * perPlace;
}

/** Values alive at once inside the backward pass of one layer: of the MLP or of attention, whichever is more. */
function transientOfLayer(cost: ModelCost, batch: TokenCounts): number {
  const mlp = 5 * cost.intermediateSize * batch.computed;
  const attention = 3 * cost.heads * batch.scoresAtOnce + 4 * cost.queryWidth * batch.tokens;
  return Math.max(mlp, attention);
}

/** Logits, probabilities and one more of their size while the softmax runs; gradients of the rows. */
function headBytes(cost: ModelCost, batch: TokenCounts): number {
  const logits = Math.min(headChunkBytes, float * cost.vocabularySize * batch.lossTokens);
  return 3 * logits + 2 * float * cost.hiddenSize * batch.computed;
}
