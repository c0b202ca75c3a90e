import type { ColumnMapping, DataFormat, DatasetSummary } from '../contract/data.ts';
import { AppError } from '../util/appError.ts';
import type { Example } from './example.ts';
import { expectedColumns } from './layout.ts';
import { scanDataset } from './scan.ts';

export interface Dataset {
  readonly summary: DatasetSummary;
  readonly examples: readonly Example[];
}

/**
 * Reads a data file (JSONL, JSON array, CSV, Parquet or a document), or all data files of a folder. Bad rows are listed in the summary and left out. Where no layout fits,
 * `summary.layout` is absent and there are no examples.
 * @param mapping columns that hold prompt and completion, where the person says so
 * @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, DATA_INVALID when the file has no rows or is no such file,
 * DATA_MAPPING when a mapped column does not exist, CANCELLED
 */
export async function readDataset(
  file: string,
  mapping: ColumnMapping | undefined,
  signal: AbortSignal,
): Promise<Dataset> {
  const examples: Example[] = [];
  const { summary } = await scanDataset(file, mapping, signal, (example) => examples.push(example));
  return { summary, examples };
}

/**
 * The examples to work with, once the person has chosen what happens to bad rows.
 * @throws AppError DATA_MAPPING when no layout fits; DATA_INVALID when there are bad rows and they are not to be
 * skipped (`details.problems` lists them), or when no row is usable
 */
export function usableExamples(dataset: Dataset, skipBadRows: boolean): readonly Example[] {
  const { summary, examples } = dataset;
  if (summary.layout === undefined && summary.columns.length > 0) {
    throw new AppError(
      'DATA_MAPPING',
      `${summary.path} has the columns ${summary.columns.join(', ')}; expected are ${expectedColumns}.${summary.format === 'csv' ? ' The first line of a CSV file names its columns.' : ''} Say which column is the prompt and which the completion.`,
      { details: { columns: summary.columns } },
    );
  }
  const first = summary.problems[0];
  if (first !== undefined && (!skipBadRows || examples.length === 0)) {
    const rows = summary.problemCount === 1 ? 'One row' : `${summary.problemCount} rows`;
    const remedy = skipBadRows ? 'No other row is left.' : 'Mend them, or skip bad rows.';
    throw new AppError(
      'DATA_INVALID',
      `${rows} of ${summary.path} cannot be used; the first is ${rowName(summary.format, first.row)}: ${first.reason} ${remedy}`,
      { details: { problems: summary.problems, problemCount: summary.problemCount } },
    );
  }
  return examples;
}

/** `line 3` or `row 3`, as rows of a format are counted. */
function rowName(format: DataFormat, row: number): string {
  return format === 'jsonl' || format === 'csv' || format === 'text' ? `line ${row}` : `row ${row}`;
}
