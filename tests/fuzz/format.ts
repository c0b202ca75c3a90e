import type { Rng } from '../../src-main/util/rng.ts';
import { AppError } from '../../src-main/util/appError.ts';

/** Contents of files by their names in a folder. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** One kind of file that comes from strangers. */
export interface Format {
  readonly name: string;
  /** Sound files beside which the hostile ones lie. */
  readonly sound: Files;
  /** The hostile files of one input; equal draws make equal files. */
  make(rng: Rng): Files;
  /** Does with the files in a folder what the app does with them. */
  use(folder: string): Promise<void>;
}

/** Runs a part whose refusal must not keep the next parts from running; only errors with a code are refusals. */
export async function refusable(part: () => Promise<unknown>): Promise<void> {
  try {
    await part();
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** Whether a file was refused in words, with a code of its own. */
export function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.code !== 'INTERNAL';
}
