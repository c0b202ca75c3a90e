/** Exports after they were written: the list a run keeps, and what a folder on the disk says of itself. Types only. */
import type { ExportFormat } from './exportFormats.ts';
import type { BaseRounding, ExportCheck, ExportedFile, ExportedTensor } from './results.ts';

/** One line of `exports.jsonl` in a run folder. */
export interface ExportRecord {
  /** ISO 8601. */
  readonly at: string;
  /** Folder, or file of a single GGUF. */
  readonly out: string;
  readonly format: ExportFormat;
  readonly type: string;
  readonly bytes: number;
  readonly step: number;
  readonly seconds: number;
}

/** An earlier export of a run, and whether it is still there. */
export interface EarlierExport extends ExportRecord {
  readonly there: boolean;
}

/** What `export_report.json` beside an export says, with the files as they are now. */
export interface StoredExport {
  readonly out: string;
  readonly format: ExportFormat;
  readonly type: string;
  readonly files: readonly ExportedFile[];
  readonly tensors: readonly ExportedTensor[];
  readonly checks: readonly ExportCheck[];
  readonly notes: readonly string[];
  readonly positions: number;
  readonly baseRounding?: BaseRounding | undefined;
  /** Names of files that are gone or have another size. */
  readonly changed: readonly string[];
}
