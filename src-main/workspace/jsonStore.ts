import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { parseJson } from '../util/jsonDepth.ts';
import { readTextAtMost } from '../util/readAtMost.ts';
import { describeIssues } from '../util/validate.ts';

/** Thousands of projects, or of waiting trainings. */
const mostBytes = 64 * 2 ** 20;

/** One small versioned JSON file: validated when read, replaced atomically when changed. */
export class JsonStore<T> {
  readonly #file: string;
  #value: T;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, value: T) {
    this.#file = file;
    this.#value = value;
  }

  /**
   * Reads the file. A missing file gives `fallback`. So does one that is damaged or of a newer version; it is then kept
   * aside as `NAME.damaged.json` and the log says so.
   */
  static async open<T>(
    file: string,
    schema: z.ZodType<T>,
    fallback: T,
    warn: (message: string) => void,
  ): Promise<JsonStore<T>> {
    let read: { value: T } | { fault: string };
    try {
      read = parse(await readTextAtMost(file, mostBytes), schema);
    } catch (error) {
      if (!(error instanceof RangeError)) {
        const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        if (!missing) warn(`${file} could not be read, defaults are used: ${String(error)}`);
        return new JsonStore(file, fallback);
      }
      read = { fault: error.message };
    }
    if ('value' in read) return new JsonStore(file, read.value);
    const aside = path.join(path.dirname(file), `${path.basename(file, '.json')}.damaged.json`);
    warn(`${file} is not valid (${read.fault}); defaults are used and the file is kept as ${aside}.`);
    await rename(file, aside).catch((error: unknown) => warn(`${file} could not be kept aside: ${String(error)}`));
    return new JsonStore(file, fallback);
  }

  get value(): T {
    return this.#value;
  }

  /** Takes the new value at once and resolves when it is on disk. Writes never overtake each other. */
  async set(value: T): Promise<void> {
    this.#value = value;
    const write = this.#writing.then(async () => writeFileAtomic(this.#file, `${JSON.stringify(value, null, 2)}\n`));
    this.#writing = write.catch(() => undefined);
    await write;
  }

  /** Resolves when no write is under way. */
  async settled(): Promise<void> {
    await this.#writing;
  }
}

function parse<T>(text: string, schema: z.ZodType<T>): { value: T } | { fault: string } {
  let content: unknown;
  try {
    content = parseJson(text);
  } catch {
    return { fault: 'it is not JSON' };
  }
  const parsed = schema.safeParse(content);
  return parsed.success ? { value: parsed.data } : { fault: describeIssues(parsed.error) };
}
