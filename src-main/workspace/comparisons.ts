/** Conversations with models side by side, one JSON file each in `comparisons` of the workspace. */
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { comparisonSchema, type Comparison } from '../contract/comparison.schema.ts';
import type { ComparisonSummary } from '../contract/routes.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { validate } from '../util/validate.ts';

export class Comparisons {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** All that can be read, the last saved first. */
  async list(): Promise<ComparisonSummary[]> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => name.endsWith('.json'));
    const read = await Promise.all(
      names.map(async (name): Promise<ComparisonSummary | undefined> => {
        const id = path.basename(name, '.json');
        const comparison = await this.open(id).catch(() => undefined);
        return comparison && { id, name: comparison.name, savedAt: comparison.savedAt, turns: comparison.turns.length };
      }),
    );
    return read.filter((one) => one !== undefined).sort((a, b) => b.savedAt.localeCompare(a.savedAt));
  }

  /** @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, SETTINGS_INVALID */
  async open(id: string): Promise<Comparison> {
    const file = this.#file(id);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      throw new AppError('FILE_NOT_FOUND', `${file} cannot be read; it may have been deleted.`, { cause: error });
    }
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch (error) {
      throw new AppError('FILE_UNREADABLE', `${file} is damaged: it is not valid JSON.`, { cause: error });
    }
    return validate(comparisonSchema, content, file);
  }

  /** @throws AppError DISK_FULL, NOT_WRITABLE */
  async save(id: string, comparison: Comparison): Promise<void> {
    await writeFileAtomic(this.#file(id), `${JSON.stringify(comparison, null, 2)}\n`);
  }

  async delete(id: string): Promise<void> {
    await rm(this.#file(id), { force: true });
  }

  #file(id: string): string {
    return path.join(this.#folder, `${id}.json`);
  }
}
