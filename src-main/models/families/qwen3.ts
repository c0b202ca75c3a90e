/** Qwen 3 (dense): LLaMA with RMS norms on the heads of q and k. */
import { z } from 'zod';
import { activationOf, count, flag, headLayout, parseConfig, rotaryDecoderFields } from './configFields.ts';
import { isTied, type Family } from './family.ts';
import { rotaryConfig } from './ggufFields.ts';
import { rotaryNames } from './ggufNames.ts';
import { ropeFields, ropeOf } from './rope.ts';
import { describeRotaryDecoder } from './rotaryDecoder.ts';
import { layerTypes, windowFields, windowOf } from './window.ts';

const schema = z.object({
  ...rotaryDecoderFields,
  ...ropeFields,
  ...windowFields,
  attention_bias: flag,
  use_sliding_window: flag,
  max_window_layers: count.nullish(),
});

/** Qwen 3 states no head_dim where it is this. */
const defaultHeadDim = 128;

export const qwen3: Family = {
  modelType: 'qwen3',
  architecture: 'Qwen3ForCausalLM',
  prefix: 'model.',
  tiedByDefault: false,
  gguf: {
    ...rotaryNames('qwen3'),
    config: (fields) => ({
      ...rotaryConfig(fields, 1_000_000),
      hidden_act: 'silu',
      use_sliding_window: false,
      attention_bias: fields.tensors.has('blk.0.attn_q.bias'),
    }),
  },
  describe(json, place) {
    const config = parseConfig(schema, json, place);
    const layout = headLayout({ ...config, head_dim: config.head_dim ?? defaultHeadDim }, place);
    const rope = ropeOf(config, layout.headDim, 10_000, place);
    const firstSliding = config.max_window_layers ?? 28;
    const slides = config.use_sliding_window ?? false;
    const kinds = layerTypes(config, config.num_hidden_layers, place);
    return describeRotaryDecoder({
      ...layout,
      family: 'qwen3',
      hiddenSize: config.hidden_size,
      intermediateSize: config.intermediate_size,
      vocabularySize: config.vocab_size,
      contextLength: config.max_position_embeddings,
      layerCount: config.num_hidden_layers,
      epsilon: config.rms_norm_eps,
      tied: isTied(qwen3, json),
      activation: activationOf(config.hidden_act ?? 'silu', place),
      rope: () => rope,
      qkvBias: config.attention_bias ?? false,
      outputBias: config.attention_bias ?? false,
      headNorms: true,
      window: (layer) => (slides ? windowOf(config, kinds?.[layer] ?? layer >= firstSliding) : undefined),
    });
  },
};
