/** Mistral: LLaMA with a sliding window in every layer, or none. */
import { z } from 'zod';
import { activationOf, headLayout, parseConfig, rotaryDecoderFields } from './configFields.ts';
import { isTied, type Family } from './family.ts';
import { llama } from './llama.ts';
import { ropeFields, ropeOf } from './rope.ts';
import { describeRotaryDecoder } from './rotaryDecoder.ts';
import { windowFields, windowOf } from './window.ts';

const schema = z.object({ ...rotaryDecoderFields, ...ropeFields, ...windowFields });

export const mistral: Family = {
  modelType: 'mistral',
  architecture: 'MistralForCausalLM',
  prefix: 'model.',
  tiedByDefault: false,
  // GGUF files hold Mistral models as "llama".
  gguf: llama.gguf,
  describe(json, place) {
    const config = parseConfig(schema, json, place);
    const layout = headLayout(config, place);
    const rope = ropeOf(config, layout.headDim, 10_000, place);
    return describeRotaryDecoder({
      ...layout,
      family: 'mistral',
      hiddenSize: config.hidden_size,
      intermediateSize: config.intermediate_size,
      vocabularySize: config.vocab_size,
      contextLength: config.max_position_embeddings,
      layerCount: config.num_hidden_layers,
      epsilon: config.rms_norm_eps,
      tied: isTied(mistral, json),
      activation: activationOf(config.hidden_act ?? 'silu', place),
      rope: () => rope,
      window: () => windowOf(config, true),
    });
  },
};
