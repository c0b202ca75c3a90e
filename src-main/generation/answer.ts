import type { OperationContext } from '../contract/engine.ts';
import type { ChatMessage } from '../contract/model.ts';
import type { GenerateEvent, GenerateResult } from '../contract/results.ts';
import type { GenerateRequest } from '../contract/requests.schema.ts';
import type { Decoder } from '../decoder/decoder.ts';
import type { Tokenizer } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import type { Clock } from '../util/clock.ts';
import { generateTokens } from './generate.ts';
import { promptIds, type TrainedLayout } from './prompt.ts';
import { TextStream } from './textStream.ts';

/** The settings of a request that concern the answer itself. */
export type AnswerRequest = Pick<
  GenerateRequest,
  'prompt' | 'messages' | 'maxNewTokens' | 'temperature' | 'seed' | 'raw' | 'ignoreEos'
>;

/**
 * Answers one prompt or conversation; each token is told as it comes.
 * @param trained how the rows of the run were laid out; undefined for a model as it is
 * @throws AppError USAGE without exactly one of prompt and messages; SETTINGS_INVALID when the prompt does not fit the
 * context; TEMPLATE_INVALID, CANCELLED
 */
export async function answer(
  decoder: Decoder,
  tokenizer: Tokenizer,
  request: AnswerRequest,
  trained: TrainedLayout | undefined,
  clock: Clock,
  context: Pick<OperationContext<GenerateEvent>, 'signal' | 'emit'>,
): Promise<GenerateResult> {
  const prompt = promptOf(request);
  const ids = request.raw ? tokenizer.encode(rawText(prompt), false) : promptIds(prompt, tokenizer, trained);
  const stream = new TextStream(tokenizer);
  const started = clock.now();
  const [generated] = await generateTokens(
    decoder,
    [ids],
    {
      maxNewTokens: request.maxNewTokens,
      temperature: request.temperature,
      seed: request.seed,
      endIds: request.ignoreEos ? [] : tokenizer.eosIds,
    },
    context.signal,
    (_prompt, id) => context.emit({ id, text: stream.push(id) }),
  );
  const seconds = (clock.now() - started) / 1000;
  const answerIds = generated?.ids ?? [];
  return {
    ids: answerIds,
    text: tokenizer.decode(answerIds, true),
    stopped: generated?.stopped ?? 'length',
    tokensPerSecond: seconds > 0 ? answerIds.length / seconds : 0,
  };
}

function promptOf({ prompt, messages }: AnswerRequest): string | readonly ChatMessage[] {
  if (prompt !== undefined && messages === undefined) return prompt;
  if (messages !== undefined && prompt === undefined) return messages;
  throw new AppError('USAGE', 'Give either a prompt or messages.');
}

function rawText(prompt: string | readonly ChatMessage[]): string {
  if (typeof prompt === 'string') return prompt;
  throw new AppError('USAGE', 'Raw generation takes a prompt, not messages: messages need the template.');
}
