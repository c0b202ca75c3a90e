/** The shape that all families since LLaMA share: rotary grouped-query attention, a gated MLP, RMS norms. */
import type { Activation, LayerSpec, LinearSpec, NormSpec, RopeSpec } from '../types.ts';
import type { HeadLayout } from './configFields.ts';
import type { DecoderDescription } from './family.ts';

export interface RotaryDecoder extends HeadLayout {
  readonly family: string;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly layerCount: number;
  readonly epsilon: number;
  readonly tied: boolean;
  readonly activation: Activation;
  readonly rope: (layer: number) => RopeSpec;
  /** Defaults: no bias, no window, scale 1/√headDim, weights stored as they are. */
  readonly qkvBias?: boolean;
  readonly outputBias?: boolean;
  readonly mlpBias?: boolean;
  readonly headNorms?: boolean;
  readonly plusOneNorms?: boolean;
  /** Gemma's four norms a layer instead of two. */
  readonly postNorms?: boolean;
  /** One matrix for q, k, v and one for gate, up (Phi-3). */
  readonly fused?: boolean;
  readonly scale?: number;
  readonly window?: (layer: number) => number | undefined;
  readonly attentionSoftcap?: number;
  readonly logitSoftcap?: number;
  readonly embeddingScale?: number;
}

export function describeRotaryDecoder(decoder: RotaryDecoder): DecoderDescription {
  const { hiddenSize, heads, kvHeads, headDim, logitSoftcap, embeddingScale } = decoder;
  return {
    family: decoder.family,
    hiddenSize,
    vocabularySize: decoder.vocabularySize,
    contextLength: decoder.contextLength,
    heads,
    kvHeads,
    headDim,
    intermediateSize: decoder.intermediateSize,
    finalNorm: norm(decoder, 'model.norm'),
    embedding: 'model.embed_tokens.weight',
    ...(embeddingScale === undefined ? {} : { embeddingScale }),
    ...(decoder.tied ? {} : { head: 'lm_head.weight' }),
    ...(logitSoftcap === undefined ? {} : { logitSoftcap }),
    layerCount: decoder.layerCount,
    layer: (index) => describeLayer(decoder, index),
  };
}

function describeLayer(decoder: RotaryDecoder, index: number): LayerSpec {
  const path = `model.layers.${index}`;
  const mlpNorm = decoder.postNorms === true ? 'pre_feedforward_layernorm' : 'post_attention_layernorm';
  return {
    attention: describeAttention(decoder, index, `${path}.self_attn`),
    mlp: describeMlp(decoder, `${path}.mlp`),
    attentionNorm: norm(decoder, `${path}.input_layernorm`),
    mlpNorm: norm(decoder, `${path}.${mlpNorm}`),
    ...(decoder.postNorms === true
      ? {
          attentionPostNorm: norm(decoder, `${path}.post_attention_layernorm`),
          mlpPostNorm: norm(decoder, `${path}.post_feedforward_layernorm`),
        }
      : {}),
  };
}

function describeAttention(decoder: RotaryDecoder, index: number, path: string): LayerSpec['attention'] {
  const { hiddenSize, heads, kvHeads, headDim, attentionSoftcap } = decoder;
  const qkvBias = decoder.qkvBias ?? false;
  const window = decoder.window?.(index);
  return {
    projections:
      decoder.fused === true
        ? { kind: 'fused', qkv: linear(`${path}.qkv_proj`, (heads + 2 * kvHeads) * headDim, hiddenSize, qkvBias) }
        : {
            kind: 'separate',
            q: linear(`${path}.q_proj`, heads * headDim, hiddenSize, qkvBias),
            k: linear(`${path}.k_proj`, kvHeads * headDim, hiddenSize, qkvBias),
            v: linear(`${path}.v_proj`, kvHeads * headDim, hiddenSize, qkvBias),
          },
    output: linear(`${path}.o_proj`, hiddenSize, heads * headDim, decoder.outputBias ?? false),
    ...(decoder.headNorms === true
      ? { qNorm: norm(decoder, `${path}.q_norm`), kNorm: norm(decoder, `${path}.k_norm`) }
      : {}),
    scale: decoder.scale ?? 1 / Math.sqrt(headDim),
    ...(attentionSoftcap === undefined ? {} : { softcap: attentionSoftcap }),
    ...(window === undefined ? {} : { window }),
    rope: decoder.rope(index),
  };
}

function describeMlp(decoder: RotaryDecoder, path: string): LayerSpec['mlp'] {
  const { hiddenSize, intermediateSize, activation } = decoder;
  const bias = decoder.mlpBias ?? false;
  const down = linear(`${path}.down_proj`, hiddenSize, intermediateSize, bias);
  if (decoder.fused === true) {
    return {
      kind: 'gated-fused',
      gateUp: linear(`${path}.gate_up_proj`, 2 * intermediateSize, hiddenSize, bias),
      down,
      activation,
    };
  }
  return {
    kind: 'gated',
    gate: linear(`${path}.gate_proj`, intermediateSize, hiddenSize, bias),
    up: linear(`${path}.up_proj`, intermediateSize, hiddenSize, bias),
    down,
    activation,
  };
}

function linear(name: string, out: number, into: number, bias: boolean): LinearSpec {
  return { name, out, in: into, bias, transposed: false };
}

function norm(decoder: RotaryDecoder, name: string): NormSpec {
  return { kind: 'rms', name, epsilon: decoder.epsilon, plusOne: decoder.plusOneNorms ?? false };
}
