/** What a chat template puts around the turns of a conversation, found by rendering conversations with it. */
import type { ChatMessage } from '../contract/model.ts';
import { AppError } from '../util/appError.ts';

/** Renders a conversation ready for the answer to follow. */
export type Render = (messages: readonly ChatMessage[]) => string;

/** The constant text of a conversation `opening U between A next U between A next U close`. */
export interface ChatShape {
  /** Before the first user turn, when there is no system turn. */
  readonly opening: string;
  /** Between a user turn and its answer. */
  readonly between: string;
  /** Between an answer and the next user turn. */
  readonly next: string;
  /** After the last user turn, where the answer follows. */
  readonly close: string;
  /** Before and after a system turn, up to the first user turn; undefined where the template has no system turn. */
  readonly system: { readonly before: string; readonly after: string } | undefined;
}

/**
 * The shape of a template; undefined for one that does more than put constant text around turns.
 * @param render may throw for conversations that the template refuses
 */
export function chatShape(render: Render): ChatShape | undefined {
  const [first, second, third, one, two, system] = ['Uqx1', 'Uqx2', 'Uqx3', 'Aqy1', 'Aqy2', 'Sqz1'];
  const short = split(attempt(render, [user(first)]), [first]);
  const long = split(attempt(render, [user(first), assistant(one), user(second)]), [first, one, second]);
  if (short === undefined || long === undefined) return undefined;
  const [opening = '', close = ''] = short;
  const [longOpening, between = '', next = '', longClose] = long;
  if (opening !== longOpening || close !== longClose) return undefined;
  const withSystem = split(attempt(render, [{ role: 'system', content: system }, user(first)]), [system, first]);
  const [before = '', after = '', systemClose] = withSystem ?? [];
  const shape: ChatShape = {
    opening,
    between,
    next,
    close,
    system: withSystem !== undefined && systemClose === close ? { before, after } : undefined,
  };
  const longest = [user(first), assistant(one), user(second), assistant(two), user(third)];
  const conversations = shape.system === undefined ? [longest] : [longest, [systemTurn(system), ...longest]];
  return conversations.every((messages) => attempt(render, messages) === renderShape(shape, messages))
    ? shape
    : undefined;
}

/** What the shape makes of a conversation that ends with a user turn. */
export function renderShape(shape: ChatShape, messages: readonly ChatMessage[]): string {
  const system = messages.find(({ role }) => role === 'system');
  const turns = messages.filter(({ role }) => role !== 'system');
  const opening =
    system === undefined || shape.system === undefined
      ? shape.opening
      : shape.system.before + system.content + shape.system.after;
  const text = turns.map(({ role, content }, i) => {
    if (role === 'assistant') return shape.between + content;
    return (i === 0 ? '' : shape.next) + content;
  });
  return opening + text.join('') + shape.close;
}

/** The text around the marks, which must occur once each and in order. */
function split(text: string | undefined, marks: readonly string[]): string[] | undefined {
  if (text === undefined) return undefined;
  const parts: string[] = [];
  let rest = text;
  for (const mark of marks) {
    const [before, after, ...more] = rest.split(mark);
    if (before === undefined || after === undefined || more.length > 0) return undefined;
    parts.push(before);
    rest = after;
  }
  return [...parts, rest];
}

function attempt(render: Render, messages: readonly ChatMessage[]): string | undefined {
  try {
    return render(messages);
  } catch (error) {
    // Some templates refuse system turns; that is a property of theirs.
    if (error instanceof AppError && error.code === 'TEMPLATE_INVALID') return undefined;
    throw error;
  }
}

function systemTurn(content: string): ChatMessage {
  return { role: 'system', content };
}

function user(content: string): ChatMessage {
  return { role: 'user', content };
}

function assistant(content: string): ChatMessage {
  return { role: 'assistant', content };
}
