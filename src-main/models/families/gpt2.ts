/** GPT-2: learned positions, layer norms, one matrix for q, k, v, weights stored [in, out] (Conv1D). */
import { z } from 'zod';
import type { LayerSpec, LinearSpec, NormSpec } from '../types.ts';
import { activationOf, configInvalid, count, epsilon, flag, parseConfig } from './configFields.ts';
import { isTied, type Family } from './family.ts';
import { roundFloat } from './ggufFields.ts';

const schema = z.object({
  n_embd: count,
  n_layer: count,
  n_head: count,
  n_inner: count.nullish(),
  n_positions: count,
  vocab_size: count,
  layer_norm_epsilon: epsilon,
  activation_function: z.string().nullish(),
  scale_attn_weights: flag,
  scale_attn_by_inverse_layer_idx: flag,
});

type Config = z.infer<typeof schema>;

export const gpt2: Family = {
  modelType: 'gpt2',
  architecture: 'GPT2LMHeadModel',
  prefix: 'transformer.',
  tiedByDefault: true,
  gguf: {
    architecture: 'gpt2',
    top: {
      token_embd: 'transformer.wte',
      position_embd: 'transformer.wpe',
      output_norm: 'transformer.ln_f',
      output: 'lm_head',
    },
    block: {
      attn_norm: 'ln_1',
      attn_qkv: 'attn.c_attn',
      attn_output: 'attn.c_proj',
      ffn_norm: 'ln_2',
      ffn_up: 'mlp.c_fc',
      ffn_down: 'mlp.c_proj',
    },
    blockPrefix: 'transformer.h.',
    layout: (part, kind) =>
      kind === 'weight' && ['attn_qkv', 'attn_output', 'ffn_up', 'ffn_down'].includes(part) ? 'transposed' : 'same',
    config: (fields) => ({
      n_embd: fields.number('embedding_length'),
      n_layer: fields.number('block_count'),
      n_head: fields.number('attention.head_count'),
      n_inner: fields.number('feed_forward_length'),
      n_positions: fields.number('context_length'),
      layer_norm_epsilon: roundFloat(fields.number('attention.layer_norm_epsilon')),
      activation_function: 'gelu_new',
    }),
  },
  describe(json, place) {
    const config = parseConfig(schema, json, place);
    const { n_embd: hiddenSize, n_head: heads } = config;
    if (hiddenSize % heads !== 0) {
      throw configInvalid(place, `is not valid: n_head ${heads} does not divide n_embd ${hiddenSize}`);
    }
    const activation = activationOf(config.activation_function ?? 'gelu_new', place);
    return {
      family: 'gpt2',
      hiddenSize,
      vocabularySize: config.vocab_size,
      contextLength: config.n_positions,
      heads,
      kvHeads: heads,
      headDim: hiddenSize / heads,
      intermediateSize: config.n_inner ?? 4 * hiddenSize,
      finalNorm: norm(config, 'transformer.ln_f'),
      embedding: 'transformer.wte.weight',
      positionEmbedding: 'transformer.wpe.weight',
      ...(isTied(gpt2, json) ? {} : { head: 'lm_head.weight' }),
      layerCount: config.n_layer,
      layer: (index) => describeLayer(config, index, activation),
    };
  },
};

function describeLayer(config: Config, index: number, activation: LayerSpec['mlp']['activation']): LayerSpec {
  const path = `transformer.h.${index}`;
  const hidden = config.n_embd;
  const inner = config.n_inner ?? 4 * hidden;
  const headScale = config.scale_attn_weights === false ? 1 : 1 / Math.sqrt(hidden / config.n_head);
  return {
    attention: {
      projections: { kind: 'fused', qkv: conv(`${path}.attn.c_attn`, 3 * hidden, hidden) },
      output: conv(`${path}.attn.c_proj`, hidden, hidden),
      scale: config.scale_attn_by_inverse_layer_idx === true ? headScale / (index + 1) : headScale,
    },
    mlp: {
      kind: 'plain',
      up: conv(`${path}.mlp.c_fc`, inner, hidden),
      down: conv(`${path}.mlp.c_proj`, hidden, inner),
      activation,
    },
    attentionNorm: norm(config, `${path}.ln_1`),
    mlpNorm: norm(config, `${path}.ln_2`),
  };
}

function conv(name: string, out: number, into: number): LinearSpec {
  return { name, out, in: into, bias: true, transposed: true };
}

function norm(config: Config, name: string): NormSpec {
  return { kind: 'layer', name, epsilon: config.layer_norm_epsilon, plusOne: false };
}
