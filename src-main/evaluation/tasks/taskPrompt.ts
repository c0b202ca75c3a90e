import type { TaskPrompt } from '../../contract/tasks.ts';
import { effectiveTemplate } from '../../data/render.ts';
import { encodePrompt, exampleTokeniser } from '../../data/tokenise.ts';
import type { TrainedLayout } from '../../generation/prompt.ts';
import type { Tokenizer } from '../../models/types.ts';
import type { Candidate } from '../likelihood.ts';

/** How the questions of a task are laid out for a model. */
export interface PromptLayout {
  readonly prompt: TaskPrompt;
  readonly systemPrompt: string | undefined;
}

/** What is asked for, else as the rows of the run were, else the chat template where the model has one. */
export function promptLayout(
  asked: { readonly prompt?: TaskPrompt | undefined; readonly systemPrompt?: string | undefined },
  trained: TrainedLayout | undefined,
  tokenizer: Tokenizer,
): PromptLayout {
  const prompt = asked.prompt ?? trained?.template ?? 'chat';
  return {
    prompt: prompt === 'alpaca' ? prompt : effectiveTemplate(tokenizer, prompt),
    systemPrompt: asked.systemPrompt ?? trained?.systemPrompt,
  };
}

/**
 * Ids of a question, ready for the answer to follow.
 * @throws AppError TEMPLATE_INVALID
 */
export function questionIds(question: string, tokenizer: Tokenizer, layout: PromptLayout): number[] {
  return encodePrompt(framed(question, layout), tokenizer, renderOptions(layout));
}

/**
 * Ids of a question with an answer, split as in training, without end token.
 * @throws AppError TEMPLATE_INVALID, TOKENIZER_INVALID
 */
export function candidateIds(
  question: string,
  answer: string,
  tokenizer: Tokenizer,
  layout: PromptLayout,
  vocabularySize: number,
): Candidate {
  const tokenise = exampleTokeniser(tokenizer, {
    ...renderOptions(layout),
    completionOnly: true,
    sequenceLength: Number.MAX_SAFE_INTEGER,
    vocabularySize,
  });
  const { ids, loss } = tokenise({ kind: 'prompt', row: 0, prompt: framed(question, layout), completion: answer });
  let end = loss.lastIndexOf(1) + 1;
  while (end > 0 && tokenizer.eosIds.includes(ids[end - 1] ?? -1)) end -= 1;
  return { ids: ids.subarray(0, end), from: loss.indexOf(1) };
}

/** The frame of Alpaca (Taori et al. 2023), in which LLM-Adapters trains and asks; its last newline is the template's. */
function framed(question: string, { prompt }: PromptLayout): string {
  if (prompt !== 'alpaca') return question;
  return (
    'Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n' +
    `### Instruction:\n${question}\n\n### Response:`
  );
}

function renderOptions({ prompt, systemPrompt }: PromptLayout) {
  return { template: prompt === 'alpaca' ? 'plain' : prompt, systemPrompt } as const;
}
