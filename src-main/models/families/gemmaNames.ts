import { rotaryBlock, rotaryNames, type GgufNames } from './ggufNames.ts';

/** Gemma 2 and 3 in GGUF files: four norms a layer, all of them stored with 1 added. */
export function gemmaNames(architecture: string): GgufNames {
  const block = {
    ...rotaryBlock,
    post_attention_norm: 'post_attention_layernorm',
    ffn_norm: 'pre_feedforward_layernorm',
    post_ffw_norm: 'post_feedforward_layernorm',
  };
  return rotaryNames(architecture, block, (part) => (part.endsWith('norm') ? 'plus-one' : 'same'));
}
