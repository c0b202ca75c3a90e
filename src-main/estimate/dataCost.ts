import type { TrainConfig } from '../contract/requests.schema.ts';
import { BatchPlanner } from '../data/batches.ts';
import type { Example } from '../data/example.ts';
import { assertEndLearnt } from '../data/endTokens.ts';
import { withTemplateOf } from '../data/ownTemplate.ts';
import { readRunRows } from '../data/runRows.ts';
import { rowSeedOf } from '../data/split.ts';
import { countLoss, tokeniseDataset, type TokeniseOptions } from '../data/tokenise.ts';
import type { ArchSpec, Tokenizer } from '../models/types.ts';
import { tokenCounts, type TokenCounts } from './modelCost.ts';

/** Rows tokenised to learn their lengths; of a longer file the others are taken to be like these. */
const rowsSampled = 512;

export interface DataCost {
  readonly steps: number;
  /** Of all training steps. */
  readonly training: TokenCounts;
  /** Of the largest micro-batch. */
  readonly largestBatch: TokenCounts;
  /** Of one evaluation; undefined without held-out rows. */
  readonly evaluation: TokenCounts | undefined;
}

/** Tokens that a run will see. Errors as prepareData of training. */
export async function dataCost(
  config: TrainConfig,
  base: Tokenizer,
  { vocabularySize, contextLength }: Pick<ArchSpec, 'vocabularySize' | 'contextLength'>,
  signal: AbortSignal,
): Promise<DataCost> {
  const { data } = config;
  const tokenizer = withTemplateOf(base, data);
  const seed = rowSeedOf(config);
  const options: TokeniseOptions = {
    template: data.template,
    systemPrompt: data.systemPrompt,
    completionOnly: data.completionOnly,
    sequenceLength: Math.min(config.sequenceLength, contextLength),
    vocabularySize,
    longRows: data.drop?.includes('too-long') === true ? 'leave-out' : 'cut',
  };
  const { train, validation: held } = await readRunRows(data, seed, signal);
  const lengths = await rowLengths(train, tokenizer, options, signal, data.path);
  const evaluation = held.length === 0 ? [] : await rowLengths(held, tokenizer, options, signal);
  return {
    ...plannedCost(config, lengths),
    evaluation: evaluation.length === 0 ? undefined : tokenCounts(evaluation),
  };
}

interface RowLength {
  readonly tokens: number;
  readonly lossTokens: number;
}

async function rowLengths(
  examples: readonly Example[],
  tokenizer: Tokenizer,
  options: TokeniseOptions,
  signal: AbortSignal,
  assertEndOf?: string,
): Promise<RowLength[]> {
  const step = Math.max(1, examples.length / rowsSampled);
  const sampled = Array.from(
    { length: Math.min(examples.length, rowsSampled) },
    (_, i) => examples[Math.floor(i * step)],
  );
  const present = sampled.filter((example) => example !== undefined);
  const result = await tokeniseDataset(present, tokenizer, options, signal);
  if (assertEndOf !== undefined) assertEndLearnt(result, tokenizer, assertEndOf, options.sequenceLength);
  const { examples: tokenised } = result;
  const known = tokenised.map((row) => ({ tokens: row.ids.length, lossTokens: countLoss(row) }));
  const rows = Math.round((known.length / present.length) * examples.length);
  return Array.from({ length: rows }, (_, i) => known[i % known.length] ?? { tokens: 0, lossTokens: 0 });
}

function plannedCost(config: TrainConfig, rows: readonly RowLength[]): Omit<DataCost, 'evaluation'> {
  const planner = new BatchPlanner(
    rows.map((row) => row.tokens),
    config,
  );
  const steps = config.steps ?? planner.stepsIn(config.epochs);
  const share = steps / planner.stepsOf(0);
  const epoch = tokenCounts(rows);
  return {
    steps,
    training: scaled(epoch, share),
    largestBatch: config.packing ? packedBatch(config, epoch) : longestBatch(config, rows),
  };
}

function longestBatch({ batchSize }: TrainConfig, rows: readonly RowLength[]): TokenCounts {
  const byLength = [...rows].sort((a, b) => b.tokens - a.tokens);
  return tokenCounts(byLength.slice(0, batchSize));
}

/** Full rows of examples that are as long as the average. */
function packedBatch({ batchSize, sequenceLength }: TrainConfig, epoch: TokenCounts): TokenCounts {
  return scaled(epoch, Math.min(1, (batchSize * sequenceLength) / epoch.tokens));
}

function scaled(counts: TokenCounts, factor: number): TokenCounts {
  return {
    tokens: counts.tokens * factor,
    squares: counts.squares * factor,
    keptScores: counts.keptScores * factor,
    scoresAtOnce: counts.scoresAtOnce * factor,
    lossTokens: counts.lossTokens * factor,
  };
}
