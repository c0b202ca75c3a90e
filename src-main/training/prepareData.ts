import { createHash } from 'node:crypto';
import type { DataLayout, RowProblem } from '../contract/data.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { Example } from '../data/example.ts';
import { readDataset, usableExamples } from '../data/read.ts';
import { drawRows, rowSeedOf, splitExamples } from '../data/split.ts';
import { tokeniseDataset, type TokenisedExample } from '../data/tokenise.ts';
import type { ArchSpec, Tokenizer } from '../models/types.ts';

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
 * @throws AppError DATA_INVALID, DATA_MAPPING, NOTHING_TO_LEARN, TEMPLATE_INVALID, TOKENIZER_INVALID, FILE_NOT_FOUND,
 * FILE_UNREADABLE, CANCELLED
 */
export async function prepareData(
  config: TrainConfig,
  tokenizer: Tokenizer,
  { vocabularySize, contextLength }: Pick<ArchSpec, 'vocabularySize' | 'contextLength'>,
  signal: AbortSignal,
  onProgress: (fraction: number) => void = () => undefined,
): Promise<PreparedData> {
  const { data } = config;
  const seed = rowSeedOf(config);
  const sequenceLength = Math.min(config.sequenceLength, contextLength);
  const main = await readDataset(data.path, data.mapping, signal);
  const own =
    data.validationPath === undefined ? undefined : await readDataset(data.validationPath, data.mapping, signal);
  const rows = usableExamples(main, data.skipBadRows);
  const split = own
    ? { train: rows, validation: usableExamples(own, data.skipBadRows) }
    : splitExamples(rows, data.validationShare, seed);

  const options = {
    template: data.template,
    systemPrompt: data.systemPrompt,
    completionOnly: data.completionOnly,
    sequenceLength,
    vocabularySize,
  };
  const tokenise = (examples: readonly Example[], from: number, share: number) =>
    tokeniseDataset(examples, tokenizer, options, signal, (done, total) => onProgress(from + (share * done) / total));
  const train = await tokenise(drawRows(split.train, data.maxRows, seed, 'training rows'), 0, 0.8);
  const held = drawRows(split.validation, data.maxValidationRows, seed, 'validation rows');
  const validation = held.length === 0 ? undefined : await tokenise(held, 0.8, 0.2);
  return {
    train: train.examples,
    validation: validation?.examples ?? [],
    layout: main.summary.layout,
    skippedRows: [
      ...main.summary.problems,
      ...(own?.summary.problems ?? []),
      ...train.problems,
      ...(validation?.problems ?? []),
    ],
    notices: [
      ...new Set([
        ...main.summary.notices,
        ...train.notices,
        ...(validation?.notices ?? []),
        ...truncation(train, sequenceLength),
      ]),
    ],
    hash: hashOf(train.examples),
  };
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
