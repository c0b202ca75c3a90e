/**
 * `metrics.jsonl`: the events of a training, one JSON object a line, appended as they happen. A crash can leave a torn
 * last line; readers skip it and a resumed run cuts it off. `phase` events are passing and are not kept.
 */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TrainEvent } from '../contract/training.ts';
import { writeError, writeFileAtomic } from '../util/fsAtomic.ts';

const logName = 'metrics.jsonl';
const kinds = new Set<string>(
  Object.keys({
    start: true,
    step: true,
    eval: true,
    neutral: true,
    learnt: true,
    ranks: true,
    gates: true,
    sample: true,
    checkpoint: true,
    paused: true,
    continued: true,
    note: true,
    done: true,
  } satisfies Record<Exclude<TrainEvent['event'], 'phase'>, true>),
);

/** Appends events to a run's log. */
export class RunEventLog {
  readonly #handle: FileHandle;
  readonly #file: string;

  private constructor(handle: FileHandle, file: string) {
    this.#handle = handle;
    this.#file = file;
  }

  /**
   * @param keepThrough events of later steps are dropped, with the end of an earlier attempt: a resumed run makes them
   *   anew; −1 drops everything, for a run that begins again
   * @throws AppError NOT_WRITABLE, DISK_FULL
   */
  static async open(folder: string, keepThrough: number): Promise<RunEventLog> {
    const file = path.join(folder, logName);
    const kept: string[] = [];
    for await (const event of storedEvents(folder)) {
      if (event.event === 'done' || keepThrough < 0) continue;
      if ('step' in event && event.step > keepThrough) continue;
      kept.push(`${JSON.stringify(event)}\n`);
    }
    await writeFileAtomic(file, kept.join(''));
    return new RunEventLog(await open(file, 'a'), file);
  }

  /** @throws AppError DISK_FULL */
  async append(event: TrainEvent): Promise<void> {
    if (event.event === 'phase') return;
    try {
      await this.#handle.appendFile(`${JSON.stringify(event)}\n`);
    } catch (error) {
      throw writeError(this.#file, error);
    }
  }

  /** Called when a checkpoint is written, so that the log on disk never ends before the checkpoint. */
  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/**
 * The kept events of a run in order, with `step` events thinned evenly to at most `maxSteps`, `learnt`, `ranks` and
 * `gates` events to at most 200; the last of each is always there. A run without a log has none.
 */
export async function readEvents(folder: string, maxSteps: number): Promise<TrainEvent[]> {
  const thinned = {
    step: new EvenlyThinned(maxSteps),
    learnt: new EvenlyThinned(200),
    ranks: new EvenlyThinned(200),
    gates: new EvenlyThinned(200),
  };
  const others: Numbered[] = [];
  let number = 0;
  for await (const event of storedEvents(folder)) {
    const entry = { number: number++, event };
    if (event.event in thinned) thinned[event.event as keyof typeof thinned].add(entry);
    else others.push(entry);
  }
  return [...others, ...Object.values(thinned).flatMap((series) => series.items())]
    .sort((a, b) => a.number - b.number)
    .map((entry) => entry.event);
}

interface Numbered {
  readonly number: number;
  readonly event: TrainEvent;
}

/** Keeps every 2^n-th item of a stream of unknown length, so that at most `most` are left. */
class EvenlyThinned {
  readonly #most: number;
  #kept: Numbered[] = [];
  #last: Numbered | undefined;
  #stride = 1;
  #seen = 0;

  constructor(most: number) {
    this.#most = Math.max(2, most);
  }

  add(item: Numbered): void {
    this.#last = item;
    if (this.#seen++ % this.#stride !== 0) return;
    this.#kept.push(item);
    // One place is left for the last item.
    if (this.#kept.length < this.#most) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }

  items(): Numbered[] {
    if (this.#last === undefined || this.#kept.at(-1) === this.#last) return this.#kept;
    return [...this.#kept, this.#last];
  }
}

/**
 * The events of a run's log in order.
 * @param only these kinds; lines of other kinds, which may be long, are not parsed
 */
export async function* storedEvents(folder: string, only?: readonly TrainEvent['event'][]): AsyncGenerator<TrainEvent> {
  const beginnings = only?.map((kind) => `{"event":"${kind}"`);
  const stream = createReadStream(path.join(folder, logName), 'utf8');
  // A missing file is an empty log.
  const opened = await new Promise<boolean>((resolve) => {
    stream.once('open', () => resolve(true));
    stream.once('error', () => resolve(false));
  });
  if (!opened) return;
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    if (beginnings !== undefined && !beginnings.some((beginning) => line.startsWith(beginning))) continue;
    const event = parseEvent(line);
    if (event) yield event;
  }
}

function parseEvent(line: string): TrainEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('event' in value)) return undefined;
    return typeof value.event === 'string' && kinds.has(value.event) ? (value as TrainEvent) : undefined;
  } catch {
    return undefined;
  }
}
