/** Phi-3: one matrix for q, k, v and one for gate, up; rotary positions on all or part of each head. */
import { z } from 'zod';
import { activationOf, headLayout, parseConfig, rotaryDecoderFields } from './configFields.ts';
import { isTied, type Family } from './family.ts';
import { rotaryConfig, type GgufFields } from './ggufFields.ts';
import { rotaryBlock, rotaryNames } from './ggufNames.ts';
import { ropeFields, ropeOf } from './rope.ts';
import { describeRotaryDecoder } from './rotaryDecoder.ts';
import { windowFields, windowOf } from './window.ts';

const schema = z.object({ ...rotaryDecoderFields, ...ropeFields, ...windowFields });

/** Converters write 0 for a model without windows. */
function windowFrom(fields: GgufFields): number | null {
  const window = fields.optionalNumber('attention.sliding_window') ?? 0;
  return window > 0 ? window : null;
}

export const phi3: Family = {
  modelType: 'phi3',
  architecture: 'Phi3ForCausalLM',
  prefix: 'model.',
  tiedByDefault: false,
  gguf: {
    ...rotaryNames('phi3', { ...rotaryBlock, attn_qkv: 'self_attn.qkv_proj', ffn_up: 'mlp.gate_up_proj' }),
    config: (fields) => ({
      ...rotaryConfig(fields, 10_000),
      hidden_act: 'silu',
      original_max_position_embeddings:
        fields.optionalNumber('rope.scaling.original_context_length') ?? fields.number('context_length'),
      sliding_window: windowFrom(fields),
    }),
  },
  describe(json, place) {
    const config = parseConfig(schema, json, place);
    const layout = headLayout(config, place);
    const rope = ropeOf(config, layout.headDim, 10_000, place);
    return describeRotaryDecoder({
      ...layout,
      family: 'phi3',
      hiddenSize: config.hidden_size,
      intermediateSize: config.intermediate_size,
      vocabularySize: config.vocab_size,
      contextLength: config.max_position_embeddings,
      layerCount: config.num_hidden_layers,
      epsilon: config.rms_norm_eps,
      tied: isTied(phi3, json),
      activation: activationOf(config.hidden_act ?? 'silu', place),
      rope: () => rope,
      fused: true,
      window: () => windowOf(config, true),
    });
  },
};
