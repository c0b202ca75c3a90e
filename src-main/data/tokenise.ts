import type { RowProblem } from '../contract/data.ts';
import type { ChatMessage } from '../contract/model.ts';
import type { Tokenizer } from '../models/types.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import type { Example } from './example.ts';
import { learnsEnd } from './endTokens.ts';
import { stretchesOf } from './stretches.ts';
import {
  effectiveTemplate,
  renderExample,
  renderPrompt,
  type RenderedExample,
  type RenderOptions,
  type Segment,
} from './render.ts';

export interface TokeniseOptions extends RenderOptions {
  /** Loss on answers alone (true) or on every token. */
  readonly completionOnly: boolean;
  /** Longest row in tokens; the rest is cut off at the end. */
  readonly sequenceLength: number;
  /** Rows of the model's embedding. An id beyond it would be a read outside the embedding. */
  readonly vocabularySize: number;
  /** Text rows exactly as tokenised: no special tokens added, loss on every token. */
  readonly raw?: boolean;
  /** What happens to rows longer than the sequence length: their end is cut off (default), or they are left out. */
  readonly longRows?: 'cut' | 'leave-out';
}

export interface TokenisedExample {
  readonly row: number;
  readonly ids: Int32Array;
  /** 1 where the token is to be predicted. The first token of a row never is: nothing precedes it. */
  readonly loss: Uint8Array;
  /** Tokens cut off at the sequence length. */
  readonly truncated: number;
}

export interface TokenisedDataset {
  readonly examples: readonly TokenisedExample[];
  /** Rows left out: no token of them carries loss, or the template refuses them. */
  readonly problems: readonly RowProblem[];
  readonly truncatedRows: number;
  readonly truncatedTokens: number;
  /** Tokens kept, and how many of them carry loss. */
  readonly tokens: number;
  readonly lossTokens: number;
  /** Rows kept that have an answer, and those of them in which no end token carries loss. */
  readonly answers: number;
  readonly answersWithoutEnd: number;
  readonly notices: readonly string[];
}

const rowsBetweenPauses = 32;

/**
 * Turns rows into token ids and loss flags. Rows without a token that carries loss are left out and listed.
 * @throws AppError NOTHING_TO_LEARN when no row is left, TEMPLATE_INVALID when the template refuses every row,
 * TOKENIZER_INVALID when an id lies outside the model's vocabulary, CANCELLED
 */
export async function tokeniseDataset(
  examples: readonly Example[],
  tokenizer: Tokenizer,
  options: TokeniseOptions,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<TokenisedDataset> {
  const tokenise = exampleTokeniser(tokenizer, options);
  const kept: TokenisedExample[] = [];
  const problems: RowProblem[] = [];
  const totals = {
    truncatedRows: 0,
    truncatedTokens: 0,
    tokens: 0,
    lossTokens: 0,
    onlyLastAnswer: 0,
    answers: 0,
    answersWithoutEnd: 0,
  };
  let refusal: AppError | undefined;
  for (const [done, example] of examples.entries()) {
    if (done % rowsBetweenPauses === 0) {
      onProgress(done, examples.length);
      await new Promise<void>((resolve) => setImmediate(resolve));
      throwIfCancelled(signal);
    }
    try {
      const result = tokenise(example);
      const lossTokens = countLoss(result);
      if (lossTokens === 0) {
        problems.push({ row: example.row, reason: reasonWithoutLoss(result, options.sequenceLength) });
        continue;
      }
      if (options.longRows === 'leave-out' && result.truncated > 0) {
        problems.push({ row: example.row, reason: reasonTooLong(result, options.sequenceLength) });
        continue;
      }
      kept.push(...stretchesOf(result, options.sequenceLength));
      totals.tokens += result.ids.length;
      totals.lossTokens += lossTokens;
      totals.truncatedTokens += result.truncated;
      totals.truncatedRows += result.truncated > 0 ? 1 : 0;
      totals.onlyLastAnswer += result.onlyLastAnswer ? 1 : 0;
      if (example.kind !== 'text') {
        totals.answers += 1;
        totals.answersWithoutEnd += learnsEnd(result, tokenizer) ? 0 : 1;
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'TEMPLATE_INVALID') throw error;
      refusal ??= error;
      problems.push({ row: example.row, reason: error.message });
    }
  }
  onProgress(examples.length, examples.length);
  if (kept.length === 0) throw refusal ?? nothingToLearn(problems, options.sequenceLength);
  const { onlyLastAnswer, ...counts } = totals;
  const notices = [...templateNotices(tokenizer, options, examples)];
  if (onlyLastAnswer > 0) {
    notices.push(
      `The chat template rewrites earlier turns, so in ${onlyLastAnswer} of the conversations only the last answer carries loss.`,
    );
  }
  return { examples: kept, problems, ...counts, notices };
}

/** A tokenised row before it is judged; see {@link TokenisedExample}. */
export interface TokenisedRow extends TokenisedExample {
  readonly onlyLastAnswer: boolean;
  /** The text that was tokenised, without special tokens that were added by id. */
  readonly rendered: string;
}

/** A function that tokenises one row after another under the same options. Errors as {@link tokeniseDataset}. */
export function exampleTokeniser(tokenizer: Tokenizer, options: TokeniseOptions): (example: Example) => TokenisedRow {
  const bos = addedBos(tokenizer);
  return (example) => {
    const raw = options.raw === true && example.kind === 'text';
    const rendered = renderExample(example, tokenizer, options);
    const { ids, loss } = raw
      ? { ids: tokenizer.encode(example.text, false), loss: [] }
      : encodeRendered(rendered, tokenizer, bos);
    const all = raw || !options.completionOnly;
    const whole = example.kind === 'text' && example.passage !== undefined;
    const length = whole ? ids.length : Math.min(ids.length, options.sequenceLength);
    const kept = Int32Array.from(ids.slice(0, length));
    checkVocabulary(kept, options.vocabularySize, example.row);
    return {
      row: example.row,
      ids: kept,
      loss: Uint8Array.from({ length }, (_, i) => (i > 0 && (all || loss[i] === true) ? 1 : 0)),
      truncated: ids.length - length,
      onlyLastAnswer: rendered.onlyLastAnswer,
      rendered: rendered.segments.map((segment) => segment.text).join(''),
    };
  };
}

/**
 * The ids a model is given to answer a prompt or conversation: the same as in training, up to the answer.
 * @throws AppError TEMPLATE_INVALID
 */
export function encodePrompt(
  prompt: string | readonly ChatMessage[],
  tokenizer: Tokenizer,
  options: RenderOptions,
): number[] {
  return withBos(tokenizer.encode(renderPrompt(prompt, tokenizer, options), false), addedBos(tokenizer));
}

/** Number of tokens of a row that are labels. */
export function countLoss(example: { readonly loss: Uint8Array }): number {
  let count = 0;
  for (const flag of example.loss) count += flag;
  return count;
}

/** The begin token, where the tokenizer puts one in front by itself. */
function addedBos(tokenizer: Tokenizer): number | undefined {
  const { bosId } = tokenizer;
  if (bosId === undefined) return undefined;
  return tokenizer.encode('a', true)[0] === bosId ? bosId : undefined;
}

/** Puts the begin token in front unless the template has written it already. */
function withBos(ids: number[], bos: number | undefined): number[] {
  return bos === undefined || ids[0] === bos ? ids : [bos, ...ids];
}

function encodeRendered(
  rendered: RenderedExample,
  tokenizer: Tokenizer,
  bos: number | undefined,
): { ids: number[]; loss: boolean[] } {
  const ids: number[] = [];
  const loss: boolean[] = [];
  const end = tokenizer.eosIds[0];
  for (const group of rendered.ending === 'append' ? groupsByAnswer(rendered.segments) : [rendered.segments]) {
    const encoded = encodeJoint(group, tokenizer);
    if (rendered.ending === 'template') endLossAtEndToken(encoded, tokenizer);
    ids.push(...encoded.ids);
    loss.push(...encoded.loss);
    const answered = group.at(-1)?.loss === true;
    if (
      rendered.ending !== 'open' &&
      answered &&
      end !== undefined &&
      !tokenizer.eosIds.includes(lastLossId(encoded) ?? -1)
    ) {
      ids.push(end);
      loss.push(true);
    }
  }
  const withBegin = withBos(ids, bos);
  if (withBegin.length > ids.length) loss.unshift(false);
  return { ids: withBegin, loss };
}

function groupsByAnswer(segments: readonly Segment[]): Segment[][] {
  const groups: Segment[][] = [[]];
  for (const segment of segments) {
    groups.at(-1)?.push(segment);
    if (segment.loss) groups.push([]);
  }
  return groups.filter((group) => group.length > 0);
}

/**
 * Tokenises consecutive segments as one text, so that no token differs from those of the whole. Where a token would
 * straddle a border, the text is split there: at inference too the prompt's tokens end at the border.
 */
function encodeJoint(segments: readonly Segment[], tokenizer: Tokenizer): { ids: number[]; loss: boolean[] } {
  const whole = tokenizer.encode(segments.map((segment) => segment.text).join(''), false);
  const loss: boolean[] = [];
  let prefix = '';
  for (const [i, segment] of segments.entries()) {
    prefix += segment.text;
    if (i === segments.length - 1) {
      while (loss.length < whole.length) loss.push(segment.loss);
      break;
    }
    const ids = tokenizer.encode(prefix, false);
    while (loss.length < ids.length) loss.push(segment.loss);
    if (!ids.every((id, j) => whole[j] === id)) {
      const rest = encodeJoint(segments.slice(i + 1), tokenizer);
      return { ids: [...ids, ...rest.ids], loss: [...loss.slice(0, ids.length), ...rest.loss] };
    }
  }
  return { ids: whole, loss };
}

/** Takes the loss off white space that a template writes after its end-of-turn token: generation has ended there. */
function endLossAtEndToken(encoded: { ids: number[]; loss: boolean[] }, tokenizer: Tokenizer): void {
  const { ids, loss } = encoded;
  for (let end = ids.length; end > 0; end -= 1) {
    if (loss[end - 1] !== true || loss[end] === true) continue;
    let last = end - 1;
    while (last > 0 && loss[last - 1] === true && !tokenizer.eosIds.includes(ids[last] ?? -1)) last -= 1;
    if (!tokenizer.eosIds.includes(ids[last] ?? -1)) continue;
    const tail = ids.slice(last + 1, end);
    if (tokenizer.decode(tail, false).trim() === '') loss.fill(false, last + 1, end);
  }
}

function lastLossId(encoded: { ids: number[]; loss: boolean[] }): number | undefined {
  return encoded.ids[encoded.loss.lastIndexOf(true)];
}

function checkVocabulary(ids: Int32Array, vocabularySize: number, row: number): void {
  const beyond = ids.find((id) => id < 0 || id >= vocabularySize);
  if (beyond === undefined) return;
  throw new AppError(
    'TOKENIZER_INVALID',
    `Row ${row} has the token id ${beyond}, but the model’s vocabulary has ${vocabularySize} entries; use the tokenizer that belongs to the model.`,
  );
}

function reasonTooLong(row: TokenisedRow, sequenceLength: number): string {
  return `The row has ${row.ids.length + row.truncated} tokens, more than the ${sequenceLength} of the sequence length.`;
}

function reasonWithoutLoss(row: TokenisedRow, sequenceLength: number): string {
  return row.truncated > 0
    ? `The prompt fills all ${sequenceLength} tokens, so nothing of the answer is left to learn from; raise the sequence length.`
    : 'No token carries loss.';
}

function nothingToLearn(problems: readonly RowProblem[], sequenceLength: number): AppError {
  const first = problems[0];
  const sentence =
    first === undefined
      ? 'There are no rows to learn from.'
      : `None of the ${problems.length} rows has a token to learn from within ${sequenceLength} tokens (row ${first.row}: ${first.reason})`;
  return new AppError('NOTHING_TO_LEARN', sentence, { details: { problems: problems.slice(0, 1000) } });
}

function templateNotices(tokenizer: Tokenizer, options: TokeniseOptions, examples: readonly Example[]): string[] {
  const chatted = examples.some((example) => example.kind !== 'text');
  if (!chatted || options.template === effectiveTemplate(tokenizer, options.template)) return [];
  return ['The model has no chat template; rows are laid out as prompt, newline, answer, end token.'];
}
