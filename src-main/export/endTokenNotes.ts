import { isJsonObject } from '../models/jsonFile.ts';
import type { OpenedModel } from '../models/types.ts';

/**
 * Files of a Hugging Face folder name the end token on their own, and programs differ in which of them they read. They
 * are carried over as they are, so what does not agree in the base is told.
 * @throws AppError TOKENIZER_INVALID
 */
export async function endTokenNotes(model: OpenedModel): Promise<string[]> {
  const [learnt] = (await model.tokenizer()).eosIds;
  if (learnt === undefined) return [];
  const generation = await model.carriedFiles.find(({ name }) => name === 'generation_config.json')?.read();
  const places = {
    'config.json': model.config['eos_token_id'],
    'generation_config.json': generation && fieldOf(new TextDecoder().decode(generation)),
  };
  return Object.entries(places).flatMap(([file, stated]) => {
    const ids: readonly unknown[] = Array.isArray(stated) ? stated : [stated];
    if (stated === undefined || stated === null || ids.includes(learnt)) return [];
    return [
      `${file} of the base names ${ids.join(', ')} as the end of an answer, its tokenizer ${learnt}; programs that read that file alone may not stop.`,
    ];
  });
}

function fieldOf(text: string): unknown {
  try {
    const content: unknown = JSON.parse(text);
    return isJsonObject(content) ? content['eos_token_id'] : undefined;
  } catch {
    // It is carried over as it is, whatever stands in it.
    return undefined;
  }
}
