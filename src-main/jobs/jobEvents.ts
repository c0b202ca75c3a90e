import type { JobEvent, JobKind } from '../contract/jobs.ts';
import type { SweepEvent } from '../contract/sweeps.ts';
import type { TrainEvent } from '../contract/training.ts';

/** Step events kept of one job, and of each other series, whose events hold a value for every matrix. */
const mostSteps = 4_000;
const mostOfMatrices = 200;
const seriesOfMatrices = ['learnt', 'ranks', 'gates'] as const;
type SeriesOfMatrices = (typeof seriesOfMatrices)[number];

/**
 * The events of a job as a reloaded window gets them. Long series are thinned: of the steps at most 4,000 stay, evenly
 * over the whole run, and of each stretch the smallest and the largest loss, so that a curve keeps its peaks.
 */
export class JobEvents {
  #events: JobEvent[] = [];
  #lastSeq = 0;
  #counts = { step: 0, learnt: 0, ranks: 0, gates: 0 };
  /** Steps in a stretch of which two are kept. */
  #stretch = 4;

  /** Numbers the event, keeps it and gives it back. */
  add(jobId: string, kind: JobKind, event: JobEvent['event']): JobEvent {
    this.#lastSeq += 1;
    const numbered: JobEvent = { jobId, kind, seq: this.#lastSeq, event };
    const last = this.#events.at(-1);
    // How far a phase is matters only until the next such event.
    if (last !== undefined && phaseOf(last) !== undefined && phaseOf(last) === phaseOf(numbered)) this.#events.pop();
    // A partial result replaces the one before.
    if (isPartial(numbered)) this.#events = this.#events.filter((earlier) => !isPartial(earlier));
    const sweep = sweepEvent(numbered);
    if (sweep?.event === 'sweep') this.#events = this.#events.filter((earlier) => sweepEvent(earlier) === undefined);
    if (sweep?.event === 'trials') this.#forgetTrials(new Set(sweep.changed.map(({ number }) => number)));
    this.#events.push(numbered);
    const name = trainEvent(numbered)?.event;
    if (name === 'step' || name === 'learnt' || name === 'ranks' || name === 'gates') this.#counts[name] += 1;
    for (const series of seriesOfMatrices) if (this.#counts[series] > mostOfMatrices) this.#halve(series);
    while (this.#counts.step > mostSteps) this.#thinSteps();
    return numbered;
  }

  /** Of each trial the latest state stays. */
  #forgetTrials(numbers: ReadonlySet<number>): void {
    this.#events = this.#events.flatMap((earlier) => {
      const event = sweepEvent(earlier);
      if (event?.event !== 'trials') return [earlier];
      const changed = event.changed.filter(({ number }) => !numbers.has(number));
      if (changed.length === event.changed.length) return [earlier];
      return changed.length === 0 ? [] : [{ ...earlier, event: { ...event, changed } }];
    });
  }

  /** The kept events that came after `seq`, in order. */
  after(seq: number): JobEvent[] {
    return this.#events.filter((event) => event.seq > seq);
  }

  #thinSteps(): void {
    const stretches = new Map<number, { smallest: Step; largest: Step }>();
    for (const event of this.#events) {
      const step = asStep(event);
      if (step === undefined) continue;
      const index = Math.floor(step.step / this.#stretch);
      const found = stretches.get(index) ?? { smallest: step, largest: step };
      if (step.loss < found.smallest.loss) found.smallest = step;
      if (step.loss >= found.largest.loss) found.largest = step;
      stretches.set(index, found);
    }
    const kept = new Set([...stretches.values()].flatMap(({ smallest, largest }) => [smallest, largest]));
    this.#events = this.#events.filter((event) => {
      const step = asStep(event);
      return step === undefined || kept.has(step) || event.seq === this.#lastSeq;
    });
    this.#counts.step = this.#events.filter((event) => asStep(event) !== undefined).length;
    // Room for as many new steps again before the next thinning.
    if (this.#counts.step > mostSteps / 2) this.#stretch *= 2;
  }

  /** Every second one stays, counted from the latest. */
  #halve(series: SeriesOfMatrices): void {
    let index = this.#counts[series];
    this.#events = this.#events.filter((event) => trainEvent(event)?.event !== series || --index % 2 === 0);
    this.#counts[series] = Math.ceil(this.#counts[series] / 2);
  }
}

type Step = Extract<TrainEvent, { event: 'step' }>;

function asStep(event: JobEvent): Step | undefined {
  const train = trainEvent(event);
  return train?.event === 'step' ? train : undefined;
}

function isPartial({ event }: JobEvent): boolean {
  return 'event' in event && event.event === 'partial';
}

/** The phase that an event tells the progress of; undefined for events that tell something else. */
function phaseOf({ event }: JobEvent): string | undefined {
  if ('event' in event) return event.event === 'phase' ? event.phase : undefined;
  return 'phase' in event ? event.phase : undefined;
}

/** The event of a sweep; undefined for the events of other jobs. */
export function sweepEvent(event: Pick<JobEvent, 'kind' | 'event'>): SweepEvent | undefined {
  return event.kind === 'sweep.run' || event.kind === 'sweep.runOn' ? (event.event as SweepEvent) : undefined;
}

/** The event of a training job; undefined for the events of other jobs. */
export function trainEvent(event: Pick<JobEvent, 'kind' | 'event'>): TrainEvent | undefined {
  if (event.kind !== 'train.run' && event.kind !== 'train.resume' && event.kind !== 'train.runOn') return undefined;
  // The kind of a job fixes the type of its events.
  return event.event as TrainEvent;
}
