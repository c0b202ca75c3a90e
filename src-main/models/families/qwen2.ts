/** Qwen 2 and 2.5: LLaMA with biases on q, k and v. */
import { z } from 'zod';
import { activationOf, count, flag, headLayout, parseConfig, rotaryDecoderFields } from './configFields.ts';
import { isTied, type Family } from './family.ts';
import { rotaryConfig } from './ggufFields.ts';
import { rotaryNames } from './ggufNames.ts';
import { ropeFields, ropeOf } from './rope.ts';
import { describeRotaryDecoder } from './rotaryDecoder.ts';
import { layerTypes, windowOf, windowFields } from './window.ts';

const schema = z.object({
  ...rotaryDecoderFields,
  ...ropeFields,
  ...windowFields,
  use_sliding_window: flag,
  max_window_layers: count.nullish(),
});

export const qwen2: Family = {
  modelType: 'qwen2',
  architecture: 'Qwen2ForCausalLM',
  prefix: 'model.',
  tiedByDefault: false,
  gguf: {
    ...rotaryNames('qwen2'),
    config: (fields) => ({ ...rotaryConfig(fields, 10_000), hidden_act: 'silu', use_sliding_window: false }),
  },
  describe(json, place) {
    const config = parseConfig(schema, json, place);
    const layout = headLayout(config, place);
    const rope = ropeOf(config, layout.headDim, 10_000, place);
    const firstSliding = config.max_window_layers ?? 28;
    const slides = config.use_sliding_window ?? false;
    const kinds = layerTypes(config, config.num_hidden_layers, place);
    return describeRotaryDecoder({
      ...layout,
      family: 'qwen2',
      hiddenSize: config.hidden_size,
      intermediateSize: config.intermediate_size,
      vocabularySize: config.vocab_size,
      contextLength: config.max_position_embeddings,
      layerCount: config.num_hidden_layers,
      epsilon: config.rms_norm_eps,
      tied: isTied(qwen2, json),
      activation: activationOf(config.hidden_act ?? 'silu', place),
      rope: () => rope,
      qkvBias: true,
      window: (layer) => (slides ? windowOf(config, kinds?.[layer] ?? layer >= firstSliding) : undefined),
    });
  },
};
