import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../../util/clock.ts';
import { macrotask } from '../../util/macrotask.ts';

/** What a search may cost at most, over all folders. */
export const searchLimits = { entries: 20_000, models: 500, milliseconds: 15_000, depth: 4 } as const;

export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
}

/** Counts what a search reads, so that a huge or slow folder ends it instead of holding it. */
export class SearchBudget {
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #deadline: number;
  #entries = 0;
  #spent = false;

  constructor(signal: AbortSignal, clock: Clock) {
    this.signal = signal;
    this.#clock = clock;
    this.#deadline = clock.now() + searchLimits.milliseconds;
  }

  /** True once a limit was reached: what was found so far is not everything. */
  get spent(): boolean {
    return (this.#spent ||= this.#entries >= searchLimits.entries || this.#clock.now() >= this.#deadline);
  }

  /** The entries of a folder by name, links as they are; none where it cannot be read. @throws AppError CANCELLED */
  async list(folder: string): Promise<Entry[]> {
    await macrotask(this.signal);
    if (this.spent) return [];
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    this.#entries += entries.length;
    return entries
      .map((entry) => ({
        name: entry.name,
        path: path.join(folder, entry.name),
        // A link to a folder is not followed: it may lead anywhere, also back.
        isFolder: entry.isDirectory(),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
