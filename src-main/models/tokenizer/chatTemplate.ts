/** Chat templates in Jinja, as transformers renders them. */
import { Environment, parse, tokenize } from '@huggingface/jinja';
import type { ChatMessage } from '../../contract/model.ts';
import { AppError } from '../../util/appError.ts';
import { BoundedInterpreter, templateLimits } from './boundedInterpreter.ts';
import { formatTime } from './formatTime.ts';

export type RenderChat = (messages: readonly ChatMessage[], addGenerationPrompt: boolean) => string;

/**
 * @param special bos_token, eos_token, … as the template sees them
 * @param now the time that strftime_now gives
 * @throws AppError TEMPLATE_INVALID when it cannot be parsed; rendering throws it too
 */
export function compileChatTemplate(
  source: string,
  special: Readonly<Record<string, string>>,
  place: string,
  now: () => Date,
): RenderChat {
  const program = guard(place, 'cannot be read', () => {
    assertFewBlanks(source);
    return parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
  });
  return (messages, addGenerationPrompt) =>
    guard(place, 'cannot be rendered for this conversation', () => {
      const environment = new Environment();
      const variables = {
        ...constants,
        ...special,
        range: boundedRange,
        raise_exception: raiseException,
        strftime_now: (format: string) => formatTime(now(), format),
        messages: messages.map(({ role, content }) => ({ role, content })),
        add_generation_prompt: addGenerationPrompt,
        tools: null,
        documents: null,
      };
      for (const [name, value] of Object.entries(variables)) environment.set(name, value);
      const { value } = new BoundedInterpreter(environment, messages.length).run(program);
      return typeof value === 'string' ? value : '';
    });
}

/**
 * The library looks for `{% generation %}` from every blank to the end of its run, which takes the square of its length.
 * @throws Error where that would take long
 */
function assertFewBlanks(source: string): void {
  let looks = 0;
  for (const [run] of source.matchAll(/\s+/g)) looks += run.length ** 2;
  if (looks > templateLimits.looksAtBlanks) throw new Error('it has too many spaces and empty lines in a row');
}

const constants = { true: true, True: true, false: false, False: false, none: null, None: null } as const;

function raiseException(message: unknown): never {
  throw new Error(String(message));
}

function boundedRange(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0) throw new Error('range() has step 0');
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > templateLimits.rangeItems) throw new Error(`range() has more than ${templateLimits.rangeItems} items`);
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
