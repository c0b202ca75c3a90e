/** Gemma 3, text only: as Gemma 2 without caps, with norms on the heads and another rotary base in windowed layers. */
import { z } from 'zod';
import { activationOf, count, headLayout, parseConfig, rotaryDecoderFields } from './configFields.ts';
import { isTied, type Family } from './family.ts';
import { gemmaNames } from './gemmaNames.ts';
import { rotaryConfig } from './ggufFields.ts';
import { layeredRopeFields, ropeOf } from './rope.ts';
import { describeRotaryDecoder } from './rotaryDecoder.ts';
import { layerTypes, windowFields, windowOf } from './window.ts';

const positive = z.number().positive();

const schema = z.object({
  ...rotaryDecoderFields,
  ...layeredRopeFields,
  ...windowFields,
  hidden_activation: z.string().nullish(),
  query_pre_attn_scalar: positive.nullish(),
  attn_logit_softcapping: positive.nullish(),
  final_logit_softcapping: positive.nullish(),
  sliding_window_pattern: count.nullish(),
});

const defaults = { headDim: 256, pattern: 6, globalTheta: 1_000_000, localTheta: 10_000 } as const;

export const gemma3Text: Family = {
  modelType: 'gemma3_text',
  architecture: 'Gemma3ForCausalLM',
  prefix: 'model.',
  tiedByDefault: true,
  gguf: {
    ...gemmaNames('gemma3'),
    config(fields) {
      const own = rotaryConfig(fields, defaults.globalTheta);
      // The files do not state the scale of queries: it is the size of a head, but in the 27B model hidden / heads.
      const largeModelLayers = 62;
      const hiddenPerHead = fields.number('embedding_length') / fields.number('attention.head_count');
      return {
        ...own,
        hidden_activation: 'gelu_pytorch_tanh',
        query_pre_attn_scalar: fields.number('block_count') === largeModelLayers ? hiddenPerHead : own['head_dim'],
        sliding_window: fields.optionalNumber('attention.sliding_window') ?? 1024,
        sliding_window_pattern: defaults.pattern,
        rope_local_base_freq: defaults.localTheta,
        attn_logit_softcapping: null,
        final_logit_softcapping: null,
      };
    },
  },
  describe(json, place) {
    const config = parseConfig(schema, json, place);
    const layout = headLayout({ ...config, head_dim: config.head_dim ?? defaults.headDim }, place);
    const { rope_parameters: byLayer, rope_theta: theta, rope_local_base_freq: localTheta } = config;
    const globalRope = ropeOf(
      { rope_theta: theta, rope_scaling: config.rope_scaling, rope_parameters: byLayer?.full_attention },
      layout.headDim,
      defaults.globalTheta,
      place,
    );
    const localRope = ropeOf(
      { rope_theta: localTheta, rope_parameters: byLayer?.sliding_attention },
      layout.headDim,
      defaults.localTheta,
      place,
    );
    const kinds = layerTypes(config, config.num_hidden_layers, place);
    const pattern = config.sliding_window_pattern ?? defaults.pattern;
    const slides = (layer: number): boolean => kinds?.[layer] ?? (layer + 1) % pattern !== 0;
    const { attn_logit_softcapping: attentionCap, final_logit_softcapping: logitCap } = config;
    return describeRotaryDecoder({
      ...layout,
      family: 'gemma3_text',
      hiddenSize: config.hidden_size,
      intermediateSize: config.intermediate_size,
      vocabularySize: config.vocab_size,
      contextLength: config.max_position_embeddings,
      layerCount: config.num_hidden_layers,
      epsilon: config.rms_norm_eps,
      tied: isTied(gemma3Text, json),
      activation: activationOf(config.hidden_activation ?? 'gelu_pytorch_tanh', place),
      rope: (layer) => (slides(layer) ? localRope : globalRope),
      headNorms: true,
      plusOneNorms: true,
      postNorms: true,
      scale: 1 / Math.sqrt(config.query_pre_attn_scalar ?? defaults.headDim),
      embeddingScale: Math.sqrt(config.hidden_size),
      window: (layer) => windowOf(config, slides(layer)),
      ...(attentionCap === null || attentionCap === undefined ? {} : { attentionSoftcap: attentionCap }),
      ...(logitCap === null || logitCap === undefined ? {} : { logitSoftcap: logitCap }),
    });
  },
};
