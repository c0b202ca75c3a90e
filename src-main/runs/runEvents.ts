/**
 * `metrics.jsonl`: the events of a training, one JSON object a line, appended as they happen. A crash can leave a torn
 * last line; readers skip it and a resumed run cuts it off. `phase` events are passing and are not kept.
 */
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { TrainEvent } from '../contract/training.ts';
import { fileLines } from '../data/fileLines.ts';
import { AppError } from '../util/appError.ts';
import { writeError, writeFileAtomic } from '../util/fsAtomic.ts';
import { parseJson } from '../util/jsonDepth.ts';

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
    await writeFileAtomic(file, linesThrough(folder, keepThrough));
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

/** In pieces of some kilobytes: the log of a long run is larger than a text may be. */
async function* linesThrough(folder: string, lastStep: number): AsyncGenerator<string> {
  if (lastStep < 0) return;
  let piece = '';
  for await (const event of storedEvents(folder)) {
    if (event.event === 'done' || ('step' in event && event.step > lastStep)) continue;
    piece += `${JSON.stringify(event)}\n`;
    if (piece.length < pieceCharacters) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

const pieceCharacters = 65_536;

/** Events of a kind that no training has so many of; a log from elsewhere may be of any length. */
const mostOthers = 10_000;

/**
 * The kept events of a run in order, with `step` events thinned evenly to at most `maxSteps`, `learnt`, `ranks` and
 * `gates` events to at most 200, others to {@link mostOthers}; the last of each is always there. A run without a log has none.
 */
export async function readEvents(folder: string, maxSteps: number): Promise<TrainEvent[]> {
  const most: Partial<Record<TrainEvent['event'], number>> = { step: maxSteps, learnt: 200, ranks: 200, gates: 200 };
  const series = new Map<TrainEvent['event'], EvenlyThinned>();
  let number = 0;
  for await (const event of storedEvents(folder)) {
    const kind = event.event;
    const ofKind = series.get(kind) ?? new EvenlyThinned(most[kind] ?? mostOthers);
    series.set(kind, ofKind);
    ofKind.add({ number: number++, event });
  }
  return [...series.values()]
    .flatMap((ofKind) => ofKind.items())
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
 * @throws AppError FILE_UNREADABLE, DATA_INVALID as reading data does; lines too long for a row of data are passed over
 */
export async function* storedEvents(folder: string, only?: readonly TrainEvent['event'][]): AsyncGenerator<TrainEvent> {
  const beginnings = only?.map((kind) => `{"event":"${kind}"`);
  try {
    for await (const lines of fileLines(path.join(folder, logName), new AbortController().signal)) {
      for (const { bytes } of lines) {
        const line = bytes?.toString('utf8') ?? '';
        if (beginnings !== undefined && !beginnings.some((beginning) => line.startsWith(beginning))) continue;
        const event = parseEvent(line);
        if (event) yield event;
      }
    }
  } catch (error) {
    // A missing file is an empty log.
    if (!(error instanceof AppError && error.code === 'FILE_NOT_FOUND')) throw error;
  }
}

function parseEvent(line: string): TrainEvent | undefined {
  try {
    const value: unknown = parseJson(line);
    if (typeof value !== 'object' || value === null || !('event' in value)) return undefined;
    return typeof value.event === 'string' && kinds.has(value.event) ? (value as TrainEvent) : undefined;
  } catch {
    return undefined;
  }
}
