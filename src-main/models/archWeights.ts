import { linearsOf } from './families/family.ts';
import type { ArchSpec, LayerSpec, LinearSpec, NormSpec } from './types.ts';
import { valueCount } from '../util/valueCount.ts';

/** One tensor of a decoder. */
export interface ModelWeight {
  /** Hugging Face name, with `.weight` or `.bias`. */
  readonly name: string;
  /** As the decoder has it: [d_out, d_in] for a linear map, whatever the file's order. */
  readonly shape: readonly number[];
  /** Of a linear map, a norm, or the embeddings, learned positions and the head. */
  readonly part: 'linear' | 'norm' | 'embedding';
  /** Module path without `.weight` or `.bias`. */
  readonly module: string;
  /** True where the file holds [d_in, d_out] (GPT-2's Conv1D). */
  readonly transposed: boolean;
}

/** Every tensor of a decoder, in its order; a head that is the embedding is not listed twice. */
export function archWeights(arch: ArchSpec): ModelWeight[] {
  const { hiddenSize, headDim, vocabularySize, contextLength } = arch;
  const table = (name: string | undefined, rows: number): ModelWeight[] =>
    name === undefined ? [] : [tensor(name, [rows, hiddenSize], 'embedding')];
  return [
    ...table(arch.embedding, vocabularySize),
    ...table(arch.positionEmbedding, contextLength),
    ...arch.layers.flatMap((layer) => layerWeights(layer, hiddenSize, headDim)),
    ...normWeights(arch.finalNorm, hiddenSize),
    ...table(arch.head, vocabularySize),
  ];
}

/** Values of a tensor. */
export function weightSize({ shape }: Pick<ModelWeight, 'shape'>): number {
  return valueCount(shape);
}

function layerWeights(layer: LayerSpec, hiddenSize: number, headDim: number): ModelWeight[] {
  const norms = [layer.attentionNorm, layer.mlpNorm, layer.attentionPostNorm, layer.mlpPostNorm];
  return [
    ...norms.flatMap((spec) => normWeights(spec, hiddenSize)),
    ...[layer.attention.qNorm, layer.attention.kNorm].flatMap((spec) => normWeights(spec, headDim)),
    ...linearsOf(layer).flatMap(linearWeights),
  ];
}

function linearWeights({ name, out, in: into, bias, transposed }: LinearSpec): ModelWeight[] {
  return [
    tensor(`${name}.weight`, [out, into], 'linear', transposed),
    ...(bias ? [tensor(`${name}.bias`, [out], 'linear')] : []),
  ];
}

function normWeights(spec: NormSpec | undefined, length: number): ModelWeight[] {
  if (spec === undefined) return [];
  const ends = spec.kind === 'layer' ? ['weight', 'bias'] : ['weight'];
  return ends.map((end) => tensor(`${spec.name}.${end}`, [length], 'norm'));
}

function tensor(name: string, shape: readonly number[], part: ModelWeight['part'], transposed = false): ModelWeight {
  return { name, shape, part, module: name.replace(/\.(weight|bias)$/, ''), transposed };
}
