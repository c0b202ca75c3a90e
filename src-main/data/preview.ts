import type { DataPreview, PreviewRow } from '../contract/data.ts';
import type { Tokenizer } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import type { Example } from './example.ts';
import type { IndexedDataset } from './indexedDataset.ts';
import { tokenTexts } from './tokenTexts.ts';
import { exampleTokeniser, type TokeniseOptions } from './tokenise.ts';

/**
 * Usable rows as they are in the file, as rendered and as tokens with loss flags.
 * @param range first usable row wanted, counted from 0, and how many
 * @throws AppError as readDataset; TOKENIZER_INVALID
 */
export async function previewDataset(
  dataset: IndexedDataset,
  range: { readonly from: number; readonly count: number },
  tokenizer: Tokenizer,
  options: TokeniseOptions,
  signal: AbortSignal,
): Promise<DataPreview> {
  const wanted = await dataset.rows(range.from, range.count, signal);
  const tokenise = exampleTokeniser(tokenizer, options);
  const rows = wanted.map(({ example, source }) => previewRow(example, source.raw(), tokenizer, tokenise));
  return { rows, totalRows: dataset.summary.rows };
}

function previewRow(
  example: Example,
  raw: string,
  tokenizer: Tokenizer,
  tokenise: ReturnType<typeof exampleTokeniser>,
): PreviewRow {
  try {
    const { ids, loss, truncated, rendered } = tokenise(example);
    const texts = tokenTexts(ids, tokenizer);
    const tokens = [...ids].map((id, i) => ({ id, text: texts[i] ?? '', loss: loss[i] === 1 }));
    return { row: example.row, raw, rendered, tokens, truncated };
  } catch (error) {
    // A row that the template refuses is shown with the reason in its place; the others are shown as usual.
    if (!(error instanceof AppError) || error.code !== 'TEMPLATE_INVALID') throw error;
    return { row: example.row, raw, rendered: error.message, tokens: [], truncated: 0 };
  }
}
