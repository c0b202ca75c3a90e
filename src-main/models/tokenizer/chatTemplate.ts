/** Chat templates in Jinja, as transformers renders them. */
import { Template } from '@huggingface/jinja';
import type { ChatMessage } from '../../contract/model.ts';
import { AppError } from '../../util/appError.ts';

export type RenderChat = (messages: readonly ChatMessage[], addGenerationPrompt: boolean) => string;

/** A template comes with the model, from anywhere; its loops must end. */
const maxRange = 10_000;

/**
 * @param special bos_token, eos_token, … as the template sees them
 * @throws AppError TEMPLATE_INVALID when it cannot be parsed
 */
export function compileChatTemplate(
  source: string,
  special: Readonly<Record<string, string>>,
  place: string,
): RenderChat {
  const template = guard(place, 'cannot be read', () => new Template(source));
  return (messages, addGenerationPrompt) =>
    guard(place, 'cannot be rendered for this conversation', () =>
      template.render({
        ...special,
        range: boundedRange,
        messages: messages.map(({ role, content }) => ({ role, content })),
        add_generation_prompt: addGenerationPrompt,
        tools: null,
        documents: null,
      }),
    );
}

function boundedRange(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0) throw new Error('range() with step 0');
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > maxRange) throw new Error(`range() of more than ${String(maxRange)} items`);
  return Array.from({ length }, (_, i) => from + i * step);
}

function guard<T>(place: string, fault: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'TEMPLATE_INVALID',
      `The chat template of ${place} ${fault} (${reason}); choose the plain template.`,
      {
        cause: error,
      },
    );
  }
}
