import type { ArchSpec, LayerSpec, LinearSpec, NormSpec } from '../models/types.ts';

/** Values of a decoder's weights, a tied head counted once. */
export function decoderValues(arch: ArchSpec): number {
  const { hiddenSize, headDim, vocabularySize, contextLength, layers } = arch;
  const vocabulary = vocabularySize * hiddenSize * (arch.head === undefined ? 1 : 2);
  const positions = arch.positionEmbedding === undefined ? 0 : contextLength * hiddenSize;
  const inLayers = layers.reduce((sum, layer) => sum + layerValues(layer, hiddenSize, headDim), 0);
  return vocabulary + positions + inLayers + normValues(arch.finalNorm, hiddenSize);
}

function layerValues(layer: LayerSpec, hiddenSize: number, headDim: number): number {
  const { attention, mlp } = layer;
  const { projections } = attention;
  const linears = [
    ...(projections.kind === 'fused' ? [projections.qkv] : [projections.q, projections.k, projections.v]),
    attention.output,
    ...(mlp.kind === 'gated' ? [mlp.gate, mlp.up] : [mlp.kind === 'gated-fused' ? mlp.gateUp : mlp.up]),
    mlp.down,
  ];
  const norms = [layer.attentionNorm, layer.mlpNorm, layer.attentionPostNorm, layer.mlpPostNorm];
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return (
    sum(linears.map(linearValues)) +
    sum(norms.map((norm) => normValues(norm, hiddenSize))) +
    sum([attention.qNorm, attention.kNorm].map((norm) => normValues(norm, headDim)))
  );
}

function linearValues({ out, in: into, bias }: LinearSpec): number {
  return out * into + (bias ? out : 0);
}

function normValues(norm: NormSpec | undefined, length: number): number {
  if (norm === undefined) return 0;
  return norm.kind === 'layer' ? 2 * length : length;
}
