import type { OperationContext } from '../contract/engine.ts';
import type { EvaluateRequest } from '../contract/requests.schema.ts';
import type { EvaluateResult, ProgressEvent } from '../contract/results.ts';
import type { Example } from '../data/example.ts';
import { withTemplateOf } from '../data/ownTemplate.ts';
import { readDataset, usableExamples } from '../data/read.ts';
import { drawRows } from '../data/split.ts';
import { encodePrompt, tokeniseDataset } from '../data/tokenise.ts';
import type { Decoder } from '../decoder/decoder.ts';
import type { TrainedLayout } from '../generation/prompt.ts';
import type { Tokenizer } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import { answerMetrics } from './answerMetrics.ts';
import { greedyAnswers } from './answers.ts';
import { datasetLoss } from './datasetLoss.ts';
import { questionsOf } from './questions.ts';

/** What is evaluated: a model as it is, or with the adapters of a run set. */
export interface EvaluatedModel {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  /** How the rows of the run were laid out; takes precedence over the request's template. */
  readonly trained: TrainedLayout | undefined;
}

/**
 * Loss and perplexity over all rows of a data file, and the metrics of generated answers that are asked for. `raw`
 * takes `{"text"}` rows exactly as tokenised, with loss on every token but the first.
 * @throws AppError DATA_INVALID (also for rows that do not fit what is asked), DATA_MAPPING, NOTHING_TO_LEARN,
 * TEMPLATE_INVALID, TOKENIZER_INVALID, FILE_NOT_FOUND, FILE_UNREADABLE, CANCELLED
 */
export async function evaluateModel(
  { decoder, tokenizer: base, trained }: EvaluatedModel,
  request: Omit<EvaluateRequest, 'model'>,
  context: Pick<OperationContext<ProgressEvent>, 'signal' | 'emit'>,
): Promise<EvaluateResult> {
  const { data, raw } = request;
  // The tokenizer of a run has the run's template already.
  const tokenizer = trained ? base : withTemplateOf(base, data);
  const { signal } = context;
  const dataset = await readDataset(data.path, data.mapping, signal);
  const examples = drawRows(usableExamples(dataset, data.skipBadRows), data.maxRows, 0, 'validation rows');
  if (raw) requireText(data.path, examples);
  const layout = {
    template: trained?.template ?? data.template,
    systemPrompt: trained ? trained.systemPrompt : data.systemPrompt,
  };
  const tokenised = await tokeniseDataset(
    examples,
    tokenizer,
    {
      ...layout,
      completionOnly: data.completionOnly,
      sequenceLength: Math.min(request.sequenceLength, decoder.arch.contextLength),
      vocabularySize: decoder.arch.vocabularySize,
      raw,
    },
    signal,
    (done, total) => context.emit({ phase: 'Tokenising', done, total }),
  );
  const { loss, perplexity, tokens } = await datasetLoss(decoder, tokenised.examples, request.batchSize, signal, {
    onProgress: (done, total) => context.emit({ phase: 'Measuring the loss', done, total }),
  });
  const result = { loss, perplexity, tokens, rows: tokenised.examples.length };

  const wanted = request.metrics.filter((metric) => metric !== 'loss');
  if (wanted.length === 0) return result;
  const questions = questionsOf(examples, layout.systemPrompt);
  if (questions.length === 0) {
    throw new AppError(
      'DATA_INVALID',
      `${data.path} has rows of text without prompt and answer, so ${wanted.join(' and ')} cannot be measured on it.`,
    );
  }
  const answers = await greedyAnswers(
    decoder,
    tokenizer,
    questions.map(({ messages }) => encodePrompt(messages, tokenizer, { template: layout.template })),
    request,
    signal,
    (done, total) => context.emit({ phase: 'Answering', done, total }),
  );
  return { ...result, ...answerMetrics(wanted, answers, questions) };
}

function requireText(file: string, examples: readonly Example[]): void {
  const other = examples.find((example) => example.kind !== 'text');
  if (!other) return;
  throw new AppError(
    'DATA_INVALID',
    `Raw evaluation takes rows with one column "text"; row ${String(other.row)} of ${file} is of another kind.`,
  );
}
