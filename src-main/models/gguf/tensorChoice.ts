/** Which type each tensor of a GGUF file gets. Source: llama.cpp, convert_hf_to_gguf.py and llama-quant.cpp. */
import type { GgufQuant } from '../../contract/exportFormats.ts';
import type { GgufWrittenType } from './quantize.ts';
import { blockOf } from './tensorTypes.ts';

/** `general.file_type` of each choice (llama.cpp's enum llama_ftype). */
export const fileTypes: Readonly<Record<GgufQuant, number>> = {
  f32: 0,
  f16: 1,
  q4_0: 2,
  q8_0: 7,
  q4_k_m: 15,
  bf16: 32,
};

/** The type of most matrices. */
const common: Readonly<Record<GgufQuant, GgufWrittenType>> = {
  f32: 'F32',
  f16: 'F16',
  bf16: 'BF16',
  q8_0: 'Q8_0',
  q4_0: 'Q4_0',
  q4_k_m: 'Q4_K',
};

/** What takes the place of a type whose block does not divide the rows. */
const narrower: Partial<Record<GgufWrittenType, GgufWrittenType>> = {
  Q4_K: 'Q5_0',
  Q5_K: 'Q5_1',
  Q6_K: 'Q8_0',
  Q8_0: 'F16',
  Q4_0: 'F16',
  Q5_0: 'F16',
  Q5_1: 'F16',
};

/**
 * @param name GGUF name
 * @param layers number of layers
 * @param ownHead whether the head is a tensor of its own
 */
export function tensorType(
  quant: GgufQuant,
  name: string,
  shape: readonly number[],
  layers: number,
  ownHead: boolean,
): GgufWrittenType {
  if (shape.length < 2 || name.endsWith('_norm.weight') || name === 'position_embd.weight') return 'F32';
  let type = preferred(quant, name, layers, ownHead);
  const width = shape.at(-1) ?? 1;
  while (width % blockOf(type).values !== 0) type = narrower[type] ?? 'F32';
  return type;
}

function preferred(quant: GgufQuant, name: string, layers: number, ownHead: boolean): GgufWrittenType {
  const type = common[quant];
  if (quant !== 'q4_0' && quant !== 'q4_k_m') return type;
  // The head decides over every token, so it gets more bits.
  if (name === (ownHead ? 'output.weight' : 'token_embd.weight')) return 'Q6_K';
  if (quant === 'q4_0') return type;
  const [, layer = '', part] = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name) ?? [];
  if (part === 'attn_qkv') return 'Q5_K';
  const sensitive = part === 'attn_v' || part === 'ffn_down';
  return sensitive && getsMoreBits(Number(layer), layers) ? 'Q6_K' : type;
}

/** The first and last eighth of the layers and every third between. */
function getsMoreBits(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8);
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}
