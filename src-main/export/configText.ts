import { join } from 'node:path';
import { readTextFile } from '../models/byteFile.ts';
import type { WrittenFloat } from '../models/encodeFloats.ts';
import { jsonLimits } from '../models/jsonFile.ts';
import type { OpenedModel } from '../models/types.ts';

const names = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

/** Fields of config.json that transformers 5 refuses as whole numbers. */
const floatFields =
  /^(\s*"(?:rope_theta|rope_local_base_freq|rms_norm_eps|layer_norm_epsilon|partial_rotary_factor|factor|low_freq_factor|high_freq_factor|attn_logit_softcapping|final_logit_softcapping)": -?\d+)(,?)$/gm;

/**
 * config.json of a model whose weights are all of one type. The text of the base is kept but for that, since strict
 * readers tell 50.0 from 50, and JSON in JavaScript does not.
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE
 */
export async function configText(model: OpenedModel, type: WrittenFloat): Promise<string> {
  const text =
    model.summary.format === 'hf'
      ? await readTextFile(join(model.summary.path, 'config.json'), jsonLimits.configBytes)
      : `${JSON.stringify(model.config, null, 2)}\n`.replace(floatFields, '$1.0$2');
  return withType(text, names[type]);
}

/**
 * Transformers 4 reads `torch_dtype`, 5 reads `dtype`; the key that the base had is kept, and a base with neither gets
 * the older one, which both read.
 */
export function withType(text: string, name: string): string {
  const places = topLevelValues(text).filter(({ key }) => key === 'dtype' || key === 'torch_dtype');
  if (places.length === 0) return text.replace('{', `{\n  "torch_dtype": "${name}",`);
  return places.reduceRight((whole, { start, end }) => `${whole.slice(0, start)}"${name}"${whole.slice(end)}`, text);
}

/** Where the values of the outermost object stand. The text is JSON whose top is an object. */
function topLevelValues(text: string): { key: string; start: number; end: number }[] {
  const found: { key: string; start: number; end: number }[] = [];
  let depth = 0;
  let key: string | undefined;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const end = index + token.length;
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth !== 1 || token === ':') continue;
    else if (token === ',') key = undefined;
    else if (key === undefined) key = JSON.parse(token) as string;
    else found.push({ key, start: index, end });
  }
  return found;
}
