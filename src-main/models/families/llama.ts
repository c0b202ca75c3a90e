/** LLaMA 2 and 3, SmolLM and what else calls itself "llama". */
import { z } from 'zod';
import { activationOf, flag, headLayout, parseConfig, rotaryDecoderFields } from './configFields.ts';
import { isTied, type Family } from './family.ts';
import { rotaryConfig } from './ggufFields.ts';
import { rotaryBlock, rotaryNames } from './ggufNames.ts';
import { ropeFields, ropeOf } from './rope.ts';
import { describeRotaryDecoder } from './rotaryDecoder.ts';

const schema = z.object({ ...rotaryDecoderFields, ...ropeFields, attention_bias: flag, mlp_bias: flag });

export const llama: Family = {
  modelType: 'llama',
  architecture: 'LlamaForCausalLM',
  prefix: 'model.',
  tiedByDefault: false,
  gguf: {
    ...rotaryNames('llama', rotaryBlock, (part) =>
      part === 'attn_q' ? 'interleaved-query' : part === 'attn_k' ? 'interleaved-key' : 'same',
    ),
    config: (fields) => ({
      ...rotaryConfig(fields, 10_000),
      hidden_act: 'silu',
      attention_bias: fields.tensors.has('blk.0.attn_q.bias'),
      mlp_bias: fields.tensors.has('blk.0.ffn_gate.bias'),
    }),
  },
  describe(json, place) {
    const config = parseConfig(schema, json, place);
    const layout = headLayout(config, place);
    const rope = ropeOf(config, layout.headDim, 10_000, place);
    return describeRotaryDecoder({
      ...layout,
      family: 'llama',
      hiddenSize: config.hidden_size,
      intermediateSize: config.intermediate_size,
      vocabularySize: config.vocab_size,
      contextLength: config.max_position_embeddings,
      layerCount: config.num_hidden_layers,
      epsilon: config.rms_norm_eps,
      tied: isTied(llama, json),
      activation: activationOf(config.hidden_act ?? 'silu', place),
      rope: () => rope,
      qkvBias: config.attention_bias ?? false,
      outputBias: config.attention_bias ?? false,
      mlpBias: config.mlp_bias ?? false,
    });
  },
};
