/** The families that can be trained. */
import { AppError } from '../../util/appError.ts';
import type { Family } from './family.ts';
import { gemma2 } from './gemma2.ts';
import { gemma3Text } from './gemma3Text.ts';
import { gpt2 } from './gpt2.ts';
import { llama } from './llama.ts';
import { mistral } from './mistral.ts';
import { phi3 } from './phi3.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';

const families: ReadonlyMap<string, Family> = new Map(
  [llama, mistral, qwen2, qwen3, gemma2, gemma3Text, phi3, gpt2].map((family) => [family.modelType, family]),
);

/** `model_type` of every family with a forward pass. */
export const supportedFamilies: readonly string[] = [...families.keys()];

export function findFamily(modelType: string): Family | undefined {
  return families.get(modelType);
}

/**
 * @param architecture `general.architecture` of a GGUF file
 * @returns of several families that share the name the first: LLaMA before Mistral
 */
export function findGgufFamily(architecture: string): Family | undefined {
  return [...families.values()].find((family) => family.gguf.architecture === architecture);
}

/** The error that refuses to train a family without forward pass. */
export function familyUnsupported(modelType: string): AppError {
  return new AppError(
    'FAMILY_UNSUPPORTED',
    `Model type "${modelType}" is not supported for training; supported are ${supportedFamilies.join(', ')}. Its spectra can still be analysed.`,
  );
}
