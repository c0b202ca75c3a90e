import type { TrainConfig } from '../contract/requests.schema.ts';
import { BatchPlanner, type MicroBatch } from '../data/batches.ts';
import type { Example } from '../data/example.ts';
import { assertEndLearnt } from '../data/endTokens.ts';
import { longestBatch, longestEvaluationBatch } from '../data/longestBatch.ts';
import { withTemplateOf } from '../data/ownTemplate.ts';
import { readRunRows } from '../data/runRows.ts';
import { rowSeedOf } from '../data/split.ts';
import { sharedPrefixOf } from '../data/sharedPrefix.ts';
import { countLoss, tokeniseDataset, type TokenisedExample, type TokeniseOptions } from '../data/tokenise.ts';
import { maxBatchTokens } from '../evaluation/datasetLoss.ts';
import type { ArchSpec, Tokenizer } from '../models/types.ts';
import { hasDropout, largestBatchShares } from '../training/hasDropout.ts';
import { tokenCounts, type RowLength, type TokenCounts } from './modelCost.ts';

/** Rows tokenised to learn their lengths; of a longer file the others are taken to be like these. */
const rowsSampled = 512;

export interface DataCost {
  readonly steps: number;
  /** Of all training steps. */
  readonly training: TokenCounts;
  /** Of the largest micro-batch. */
  readonly largestBatch: TokenCounts;
  /** Of one evaluation, and of its largest batch; undefined without held-out rows. */
  readonly evaluation: TokenCounts | undefined;
  readonly evaluationBatch: TokenCounts | undefined;
  readonly heldOutRows: number;
}

/** Lengths of the rows that a run trains on and evaluates on. */
export interface RunLengths {
  readonly train: readonly RowLength[];
  readonly held: readonly RowLength[];
}

/** Lengths of the rows of a run, of many rows from a sample of them. Errors as prepareData of training. */
export async function runLengths(
  config: TrainConfig,
  base: Tokenizer,
  { vocabularySize, contextLength }: Pick<ArchSpec, 'vocabularySize' | 'contextLength'>,
  signal: AbortSignal,
): Promise<RunLengths> {
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
  return { train: lengths, held: held.length === 0 ? [] : await rowLengths(held, tokenizer, options, signal) };
}

/** Lengths of rows that are tokenised already. */
export function lengthsOf(examples: readonly TokenisedExample[]): RowLength[] {
  const shared = sharedPrefixOf(examples);
  return examples.map((row) => ({ tokens: row.ids.length, lossTokens: countLoss(row), shared }));
}

/** Tokens that a run of these rows will see. */
export function dataCost(config: TrainConfig, { train, held }: RunLengths): DataCost {
  const lengths = held.map((row) => row.tokens);
  const batch = longestEvaluationBatch(lengths, config.batchSize, maxBatchTokens);
  return {
    ...plannedCost(config, train),
    evaluation: held.length === 0 ? undefined : tokenCounts(held, held.length / config.batchSize),
    evaluationBatch: held.length === 0 ? undefined : countsOf(batch, held, false),
    heldOutRows: held.length,
  };
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
  const known = lengthsOf(tokenised);
  const rows = Math.round((known.length / present.length) * examples.length);
  return Array.from({ length: rows }, (_, i) => known[i % known.length] ?? emptyRow);
}

function plannedCost(
  config: TrainConfig,
  rows: readonly RowLength[],
): Pick<DataCost, 'steps' | 'training' | 'largestBatch'> {
  const lengths = rows.map((row) => row.tokens);
  const planner = new BatchPlanner(lengths, config);
  const steps = config.steps ?? planner.stepsIn(config.epochs);
  const share = steps / planner.stepsOf(0);
  const batches = planner.stepsOf(0) * config.accumulation;
  const epoch = tokenCounts(rows, hasDropout(config) ? rows.length : batches);
  return {
    steps,
    training: scaled(epoch, share),
    largestBatch: countsOf(longestBatch(lengths, config), rows, largestBatchShares(config)),
  };
}

const emptyRow: RowLength = { tokens: 0, lossTokens: 0, shared: 0 };

function countsOf(batch: MicroBatch, rows: readonly RowLength[], sharing: boolean): TokenCounts {
  return tokenCounts(
    batch.map((index) => rows[index] ?? emptyRow),
    sharing ? 1 : batch.length,
  );
}

function scaled(counts: TokenCounts, factor: number): TokenCounts {
  return {
    tokens: counts.tokens * factor,
    computed: counts.computed * factor,
    squares: counts.squares * factor,
    scoresAtOnce: counts.scoresAtOnce * factor,
    lossTokens: counts.lossTokens * factor,
  };
}
