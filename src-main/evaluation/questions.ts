import type { ChatMessage } from '../contract/model.ts';
import { promptKey, referencesOf, type Example } from '../data/example.ts';
import { promptMessages } from '../data/render.ts';

/** A prompt to answer, and every answer that counts as right. */
export interface Question {
  readonly messages: readonly ChatMessage[];
  readonly references: readonly string[];
}

/**
 * The prompts of a data set, each once, in order of appearance: rows that share a prompt (E2E has several descriptions
 * for one meaning) are one question with all their answers as references. Rows of plain text ask nothing.
 */
export function questionsOf(examples: readonly Example[], systemPrompt: string | undefined): Question[] {
  const byPrompt = new Map<string, { messages: readonly ChatMessage[]; references: string[] }>();
  for (const example of examples) {
    const key = promptKey(example);
    const references = referencesOf(example);
    if (key === undefined || references.length === 0) continue;
    const question = byPrompt.get(key);
    if (question) question.references.push(...references);
    else byPrompt.set(key, { messages: promptMessages(example, systemPrompt), references: [...references] });
  }
  return [...byPrompt.values()].map(({ messages, references }) => ({ messages, references: [...new Set(references)] }));
}
