import { createHash } from 'node:crypto';
import type { FrozenGateLoss } from '../contract/gates.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { Example } from '../data/example.ts';
import { withTemplateOf } from '../data/ownTemplate.ts';
import { readDataset, usableExamples } from '../data/read.ts';
import { readRunRows } from '../data/runRows.ts';
import { drawRows, rowSeedOf } from '../data/split.ts';
import { tokeniseDataset, type TokenisedExample } from '../data/tokenise.ts';
import type { ArchSpec, Tokenizer } from '../models/types.ts';

/** Rows that gates are averaged over. */
export interface CalibrationRows {
  readonly source: FrozenGateLoss['source'];
  readonly examples: readonly TokenisedExample[];
  /** sha256 of their tokens and loss flags. */
  readonly hash: string;
}

/**
 * Rows in the layout of a run, drawn by its seed: those of a file, else the rows the run held out, else those it was
 * trained on.
 * @throws AppError DATA_INVALID, DATA_MAPPING, NOTHING_TO_LEARN, TEMPLATE_INVALID, FILE_NOT_FOUND, FILE_UNREADABLE,
 * CANCELLED
 */
export async function calibrationRows(
  config: TrainConfig,
  { data: file, maxRows }: { readonly data?: string | undefined; readonly maxRows: number },
  base: Tokenizer,
  { vocabularySize, contextLength }: Pick<ArchSpec, 'vocabularySize' | 'contextLength'>,
  signal: AbortSignal,
): Promise<CalibrationRows> {
  const { data } = config;
  const tokenizer = withTemplateOf(base, data);
  const { source, rows } = await rowsOf(config, file, signal);
  const { examples } = await tokeniseDataset(
    drawRows(rows, maxRows, rowSeedOf(config), 'validation rows'),
    tokenizer,
    {
      template: data.template,
      systemPrompt: data.systemPrompt,
      completionOnly: data.completionOnly,
      sequenceLength: Math.min(config.sequenceLength, contextLength),
      vocabularySize,
    },
    signal,
  );
  const hash = createHash('sha256');
  for (const { ids, loss } of examples) hash.update(ids).update(loss).update('\n');
  return { source, examples, hash: hash.digest('hex') };
}

async function rowsOf(
  config: TrainConfig,
  file: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly source: FrozenGateLoss['source']; readonly rows: readonly Example[] }> {
  const { data } = config;
  if (file !== undefined) {
    return { source: 'file', rows: usableExamples(await readDataset(file, data.mapping, signal), true) };
  }
  const rules = { ...data, skipBadRows: true, maxRows: undefined, maxValidationRows: undefined };
  const { train, validation } = await readRunRows(rules, rowSeedOf(config), signal);
  return validation.length > 0 ? { source: 'validation', rows: validation } : { source: 'training', rows: train };
}
