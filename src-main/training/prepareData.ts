import { createHash } from 'node:crypto';
import type { DataLayout, RowProblem } from '../contract/data.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { Example } from '../data/example.ts';
import { readRunRows, type DroppedRows, type MovedRows } from '../data/runRows.ts';
import { rowSeedOf } from '../data/split.ts';
import { assertEndLearnt } from '../data/endTokens.ts';
import { withTemplateOf } from '../data/ownTemplate.ts';
import { tokeniseDataset, type TokenisedExample } from '../data/tokenise.ts';
import type { ArchSpec, Tokenizer } from '../models/types.ts';

/** Rows of each rule that are listed one by one. */
const droppedListed = 1000;

export interface PreparedData {
  readonly train: readonly TokenisedExample[];
  /** Empty when nothing is held out. */
  readonly validation: readonly TokenisedExample[];
  readonly layout: DataLayout | undefined;
  /** Rows left out, of both sides. */
  readonly skippedRows: readonly RowProblem[];
  readonly notices: readonly string[];
  /** sha256 of the training rows as tokens and loss flags. */
  readonly hash: string;
}

/**
 * Reads, splits and tokenises the data of a run. The same files, settings and tokenizer give the same rows in the same
 * order.
 * @param base tokenizer of the model; the chat template of the settings, where there is one, takes the place of its own
 * @throws AppError DATA_INVALID, DATA_MAPPING, NOTHING_TO_LEARN, END_NOT_LEARNT, TEMPLATE_INVALID, TOKENIZER_INVALID, FILE_NOT_FOUND,
 * FILE_UNREADABLE, CANCELLED
 */
export async function prepareData(
  config: TrainConfig,
  base: Tokenizer,
  { vocabularySize, contextLength }: Pick<ArchSpec, 'vocabularySize' | 'contextLength'>,
  signal: AbortSignal,
  onProgress: (fraction: number) => void = () => undefined,
): Promise<PreparedData> {
  const { data } = config;
  const tokenizer = withTemplateOf(base, data);
  const seed = rowSeedOf(config);
  const sequenceLength = Math.min(config.sequenceLength, contextLength);
  const rows = await readRunRows(data, seed, signal);
  const options = {
    template: data.template,
    systemPrompt: data.systemPrompt,
    completionOnly: data.completionOnly,
    sequenceLength,
    vocabularySize,
    longRows: data.drop?.includes('too-long') === true ? 'leave-out' : 'cut',
  } as const;
  const tokenise = (examples: readonly Example[], from: number, share: number) =>
    tokeniseDataset(examples, tokenizer, options, signal, (done, total) => onProgress(from + (share * done) / total));
  const train = await tokenise(rows.train, 0, 0.8);
  assertEndLearnt(train, tokenizer, data.path, sequenceLength);
  const validation = rows.validation.length === 0 ? undefined : await tokenise(rows.validation, 0.8, 0.2);
  return {
    train: train.examples,
    validation: validation?.examples ?? [],
    layout: rows.summaries[0].layout,
    skippedRows: [
      ...rows.summaries.flatMap((summary) => summary.problems),
      ...rows.dropped.flatMap((dropped) => dropped.rows.slice(0, droppedListed)),
      ...train.problems,
      ...(validation?.problems ?? []),
    ],
    notices: [
      ...new Set([
        ...rows.summaries[0].notices,
        ...rows.dropped.map(droppedNotice),
        ...rows.moved.map(movedNotice),
        ...train.notices,
        ...(validation?.notices ?? []),
        ...truncation(train, sequenceLength),
      ]),
    ],
    hash: hashOf(train.examples),
  };
}

function droppedNotice({ rule, rows }: DroppedRows): string {
  const reason = {
    duplicates: 'they repeat an earlier row',
    'empty-prompts': 'their prompt is empty',
    leaks: 'their prompt is among the held-out rows',
    chosen: 'they were picked',
  }[rule];
  return `Left out by a rule of the run, since ${reason}: ${String(rows.length)} of the rows.`;
}

function movedNotice({ rows }: MovedRows): string {
  return `Held out too by a rule of the run, since their prompt is among the held-out rows: ${String(rows.length)} of the rows.`;
}

function truncation({ truncatedRows }: { readonly truncatedRows: number }, sequenceLength: number): string[] {
  if (truncatedRows === 0) return [];
  return [
    `${truncatedRows === 1 ? 'One row was' : `${String(truncatedRows)} rows were`} cut at ${String(sequenceLength)} tokens.`,
  ];
}

function hashOf(examples: readonly TokenisedExample[]): string {
  const hash = createHash('sha256');
  for (const { ids, loss } of examples) {
    hash.update(Int32Array.of(ids.length));
    hash.update(ids);
    hash.update(loss);
  }
  return hash.digest('hex');
}
