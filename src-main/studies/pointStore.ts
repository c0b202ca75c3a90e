import { createHash } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeError } from '../util/fsAtomic.ts';

const fileName = 'points.jsonl';

/**
 * Finished points of studies, by key: a line of JSON for each, with a checksum. Lines are only ever added, so a study
 * that is cut off keeps what it has; a line that was cut off itself, or changed by hand, is passed over.
 */
export class PointStore {
  readonly #file: string;
  readonly #points: Map<string, unknown>;

  private constructor(file: string, points: Map<string, unknown>) {
    this.#file = file;
    this.#points = points;
  }

  /** @param folder made when the first point is added */
  static async open(folder: string): Promise<PointStore> {
    const file = path.join(folder, fileName);
    const text = await readFile(file, 'utf8').catch(() => '');
    return new PointStore(file, new Map(text.split('\n').flatMap(readLine)));
  }

  /** What was kept under a key. The key says what kind of value it is. */
  get(key: string): unknown {
    return this.#points.get(key);
  }

  /**
   * Keeps a point; it is on the disk when this resolves.
   * @param value plain JSON
   * @throws AppError DISK_FULL, NOT_WRITABLE
   */
  async add(key: string, value: unknown): Promise<void> {
    const point = { key, value };
    const line = JSON.stringify({ checksum: checksum(JSON.stringify(point)), ...point });
    try {
      await mkdir(path.dirname(this.#file), { recursive: true });
      const handle = await open(this.#file, 'a+');
      try {
        // A line that was cut off earlier must not spoil this one.
        await handle.writeFile(`${(await endsCutOff(handle)) ? '\n' : ''}${line}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw writeError(this.#file, error);
    }
    this.#points.set(key, value);
  }
}

async function endsCutOff(handle: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last.toString() !== '\n';
}

/** The point of a line whose checksum is right; none of any other. */
function readLine(line: string): [string, unknown][] {
  try {
    const { checksum: stated, ...point } = JSON.parse(line) as { checksum: unknown; key: string; value: unknown };
    return stated === checksum(JSON.stringify(point)) ? [[point.key, point.value]] : [];
  } catch {
    return [];
  }
}

function checksum(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
