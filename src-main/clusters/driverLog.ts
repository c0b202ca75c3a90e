/** The output of a driver, read as it comes, and again from its beginning after a break. */
import type { TrialOutcome } from '../contract/sweeps.ts';
import { driverLineSchema, type DriverLine, type TrialChanges } from './driverLine.schema.ts';

const mark = '@sara ';
/** Characters of the last lines of the output that are no message, for when something goes wrong. */
const wordsKept = 4_000;

export class DriverLog {
  readonly #onLine: (line: DriverLine) => void;
  #rest = '';
  #last = 0;
  #words = '';

  /** @param onLine called once for each message, in order */
  constructor(onLine: (line: DriverLine) => void) {
    this.#onLine = onLine;
  }

  /** Whatever comes next is the output from its beginning; messages already read are passed over. */
  rewind(): void {
    this.#rest = '';
  }

  feed(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#read(line);
  }

  /** The last lines that were no messages: why a driver has failed. */
  get words(): string {
    return this.#words;
  }

  #read(line: string): void {
    if (!line.startsWith(mark)) {
      if (line.trim() !== '') this.#words = `${this.#words}${line}\n`.slice(-wordsKept);
      return;
    }
    const message = parseLine(line.slice(mark.length));
    // A gap means lines of a driver that is newer than this app; what follows is still whole.
    if (message === undefined || message.n <= this.#last) return;
    this.#last = message.n;
    this.#onLine(message);
  }
}

function parseLine(text: string): DriverLine | undefined {
  try {
    const parsed = driverLineSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** A trial after what the driver told of it. */
export function withChanges(outcome: TrialOutcome, changes: TrialChanges): TrialOutcome {
  const { '+': added, '=': all, ...rest } = changes;
  const pairs = (all ?? added ?? []).map(([step, loss]) => ({ step, loss }));
  const defined = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const evaluations =
    all !== undefined ? pairs : pairs.length === 0 ? outcome.evaluations : [...outcome.evaluations, ...pairs];
  const { error: _earlier, ...before } = outcome;
  return { ...(rest.state === 'failed' ? outcome : before), ...defined, evaluations };
}
