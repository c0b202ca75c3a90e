import type { ModelCost, TokenCounts } from './modelCost.ts';

/** A multiply-add counts as two floating-point operations. */
const perMultiplyAdd = 2;

/** Weights of the model that are trained themselves. */
export interface OwnWeights {
  /** Values in linear maps. */
  readonly linear: number;
  /** Whether the product with the vocabulary is trained. */
  readonly head: boolean;
}

/**
 * Operations of a forward pass with loss.
 * @param trainable parameters of the adapters
 * @param frozen values of adapters that are not trained; a token meets each once, too
 */
export function forwardFlops(cost: ModelCost, counts: TokenCounts, trainable: number, frozen = 0): number {
  return layersForward(cost, counts, trainable + frozen) + headForward(cost, counts);
}

/**
 * Operations of a forward and a backward pass with frozen weights: an input gradient costs what the product did, a
 * weight gradient is needed of the adapters and of weights that are trained themselves, and attention has four products in its backward pass to two in its
 * forward pass. Recomputing activations takes the layers' forward pass once more.
 */
export function trainingFlops(
  cost: ModelCost,
  counts: TokenCounts,
  trainable: number,
  activationCheckpointing: boolean,
  frozen = 0,
  own: OwnWeights = { linear: 0, head: false },
): number {
  const forward = layersForward(cost, counts, trainable + frozen);
  const backward =
    perMultiplyAdd * (counts.computed * (cost.linear + 2 * trainable + frozen) + 4 * attentionProducts(cost, counts));
  const ofWeights = perMultiplyAdd * counts.computed * own.linear + (own.head ? headForward(cost, counts) : 0);
  return (activationCheckpointing ? 2 : 1) * forward + backward + 2 * headForward(cost, counts) + ofWeights;
}

function layersForward(cost: ModelCost, counts: TokenCounts, adapters: number): number {
  return perMultiplyAdd * (counts.computed * (cost.linear + adapters) + 2 * attentionProducts(cost, counts));
}

/** Multiply-adds of q kᵀ over all layers; the product with v takes as many. */
function attentionProducts(cost: ModelCost, { squares }: TokenCounts): number {
  return cost.layers * cost.queryWidth * squares;
}

function headForward(cost: ModelCost, { lossTokens }: TokenCounts): number {
  return perMultiplyAdd * cost.vocabularySize * cost.hiddenSize * lossTokens;
}
