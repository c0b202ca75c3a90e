/** Gemma 2: (1 + w) norms, four a layer; caps on scores and logits; every other layer with a window. */
import { z } from 'zod';
import { activationOf, headLayout, parseConfig, rotaryDecoderFields } from './configFields.ts';
import { isTied, type Family } from './family.ts';
import { gemmaNames } from './gemmaNames.ts';
import { rotaryConfig } from './ggufFields.ts';
import { ropeFields, ropeOf } from './rope.ts';
import { describeRotaryDecoder } from './rotaryDecoder.ts';
import { layerTypes, windowFields, windowOf } from './window.ts';

const positive = z.number().positive();

const schema = z.object({
  ...rotaryDecoderFields,
  ...ropeFields,
  ...windowFields,
  hidden_activation: z.string().nullish(),
  query_pre_attn_scalar: positive.nullish(),
  attn_logit_softcapping: positive.nullish(),
  final_logit_softcapping: positive.nullish(),
});

const defaultHeadDim = 256;

export const gemma2: Family = {
  modelType: 'gemma2',
  architecture: 'Gemma2ForCausalLM',
  prefix: 'model.',
  tiedByDefault: true,
  gguf: {
    ...gemmaNames('gemma2'),
    config(fields) {
      const own = rotaryConfig(fields, 10_000);
      const layers = fields.number('block_count');
      // The files do not state the scale of queries: it is the size of a head, but in the 27B model hidden / heads.
      const largeModelLayers = 46;
      const hiddenPerHead = fields.number('embedding_length') / fields.number('attention.head_count');
      return {
        ...own,
        hidden_activation: 'gelu_pytorch_tanh',
        query_pre_attn_scalar: layers === largeModelLayers ? hiddenPerHead : own['head_dim'],
        attn_logit_softcapping: fields.optionalNumber('attn_logit_softcapping') ?? 50,
        final_logit_softcapping: fields.optionalNumber('final_logit_softcapping') ?? 30,
        sliding_window: fields.optionalNumber('attention.sliding_window') ?? 4096,
      };
    },
  },
  describe(json, place) {
    const config = parseConfig(schema, json, place);
    const layout = headLayout({ ...config, head_dim: config.head_dim ?? defaultHeadDim }, place);
    const rope = ropeOf(config, layout.headDim, 10_000, place);
    const kinds = layerTypes(config, config.num_hidden_layers, place);
    const { attn_logit_softcapping: attentionCap, final_logit_softcapping: logitCap } = config;
    return describeRotaryDecoder({
      ...layout,
      family: 'gemma2',
      hiddenSize: config.hidden_size,
      intermediateSize: config.intermediate_size,
      vocabularySize: config.vocab_size,
      contextLength: config.max_position_embeddings,
      layerCount: config.num_hidden_layers,
      epsilon: config.rms_norm_eps,
      tied: isTied(gemma2, json),
      activation: activationOf(config.hidden_activation ?? 'gelu_pytorch_tanh', place),
      rope: () => rope,
      plusOneNorms: true,
      postNorms: true,
      scale: 1 / Math.sqrt(config.query_pre_attn_scalar ?? defaultHeadDim),
      embeddingScale: Math.sqrt(config.hidden_size),
      window: (layer) => windowOf(config, kinds?.[layer] ?? layer % 2 === 0),
      ...(attentionCap === null || attentionCap === undefined ? {} : { attentionSoftcap: attentionCap }),
      ...(logitCap === null || logitCap === undefined ? {} : { logitSoftcap: logitCap }),
    });
  },
};
