/** Names of tensors in GGUF files and what they are called by Hugging Face. Source: gguf-py/gguf/tensor_mapping.py. */

/** How the values of a GGUF tensor differ from Hugging Face's. */
export type GgufLayout =
  | 'same'
  /** Rows of each head are interleaved, for ggml's kind of rotary positions. */
  | 'interleaved-query'
  | 'interleaved-key'
  /** GPT-2's Conv1D is [in, out] at Hugging Face and [out, in] here. */
  | 'transposed'
  /** Gemma's norms hold w + 1 here and w at Hugging Face. */
  | 'plus-one';

export interface GgufNames {
  /** `general.architecture`. */
  readonly architecture: string;
  /** Names outside the layers, without `.weight` or `.bias`: here → at Hugging Face. */
  readonly top: Readonly<Record<string, string>>;
  /** Parts of a layer, here after `blk.N.`, at Hugging Face after {@link blockPrefix} and the number. */
  readonly block: Readonly<Record<string, string>>;
  readonly blockPrefix: string;
  /** @param part the name here as in `top` or `block`; @param kind `weight` or `bias` */
  layout(part: string, kind: 'weight' | 'bias'): GgufLayout;
}

const rotaryTop = { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' } as const;

export const rotaryBlock = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
} as const;

export function rotaryNames(
  architecture: string,
  block: Readonly<Record<string, string>> = rotaryBlock,
  layout: GgufNames['layout'] = () => 'same',
): GgufNames {
  return { architecture, top: rotaryTop, block, blockPrefix: 'model.layers.', layout };
}

/** The Hugging Face name of a GGUF tensor and its layout; undefined for one that the family does not have. */
export function huggingFaceName(names: GgufNames, name: string): { name: string; layout: GgufLayout } | undefined {
  const [, layer, part, kind] = /^(?:blk\.(\d{1,6})\.)?([a-z_]+)\.(weight|bias)$/.exec(name) ?? [];
  if (part === undefined || (kind !== 'weight' && kind !== 'bias')) return undefined;
  const table = layer === undefined ? names.top : names.block;
  const path = Object.hasOwn(table, part) ? table[part] : undefined;
  if (path === undefined) return undefined;
  const place = layer === undefined ? '' : `${names.blockPrefix}${layer}.`;
  return { name: `${place}${path}.${kind}`, layout: names.layout(part, kind) };
}

/** The inverse of {@link huggingFaceName}: name and layout in GGUF files of a Hugging Face tensor. */
export function ggufTensorName(names: GgufNames, name: string): { name: string; layout: GgufLayout } | undefined {
  const [, path, kind] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
  if (path === undefined || (kind !== 'weight' && kind !== 'bias')) return undefined;
  const inBlock = path.startsWith(names.blockPrefix)
    ? /^(\d{1,6})\.(.+)$/.exec(path.slice(names.blockPrefix.length))
    : null;
  const [table, wanted] = inBlock === null ? [names.top, path] : [names.block, inBlock[2]];
  const part = Object.keys(table).find((key) => table[key] === wanted);
  if (part === undefined) return undefined;
  const place = inBlock === null ? '' : `blk.${inBlock[1] ?? ''}.`;
  return { name: `${place}${part}.${kind}`, layout: names.layout(part, kind) };
}
