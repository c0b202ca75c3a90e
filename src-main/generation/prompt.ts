import type { DataLayout, TemplateChoice } from '../contract/data.ts';
import type { ChatMessage } from '../contract/model.ts';
import { encodePrompt } from '../data/tokenise.ts';
import type { Tokenizer } from '../models/types.ts';

/** How the rows of a run were laid out, so that its prompts are laid out the same. */
export interface TrainedLayout {
  readonly template: TemplateChoice;
  readonly systemPrompt: string | undefined;
  readonly layout: DataLayout | undefined;
}

/**
 * Token ids of a prompt, ready for the answer to follow. After a training: as its rows were. For a model as it is: its
 * chat template; a plain prompt to a model without one is taken as the beginning of a text.
 * @throws AppError TEMPLATE_INVALID
 */
export function promptIds(
  prompt: string | readonly ChatMessage[],
  tokenizer: Tokenizer,
  trained: TrainedLayout | undefined,
): number[] {
  const beginsText = trained ? trained.layout === 'text' : !tokenizer.hasChatTemplate;
  if (typeof prompt === 'string' && beginsText) return tokenizer.encode(prompt, true);
  return encodePrompt(prompt, tokenizer, trained ?? { template: 'chat' });
}
