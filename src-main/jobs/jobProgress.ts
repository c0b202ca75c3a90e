import type { AnalysisEvent } from '../contract/analysis.ts';
import type { JobEvent, JobSummary } from '../contract/jobs.ts';
import type { GenerateEvent, ProgressEvent } from '../contract/results.ts';
import type { StudyEvent } from '../contract/studies.ts';
import { isFinal, type SweepEvent, type Trial } from '../contract/sweeps.ts';
import { trainEvent } from './jobEvents.ts';

export type Progress = Pick<JobSummary, 'fraction' | 'etaSeconds' | 'phase' | 'run'>;

/** Follows a job's events and tells how far it is. `now` in milliseconds. */
export class JobProgress {
  #current: Progress = {};
  #phaseStartedAt: number;
  #steps = 0;
  /** How much of each trial of a sweep is done, 0 … 1. */
  readonly #trials = new Map<number, number>();
  #points: { done: number; total: number; etaSeconds: number | undefined } = {
    done: 0,
    total: 0,
    etaSeconds: undefined,
  };

  constructor(now: number) {
    this.#phaseStartedAt = now;
  }

  get current(): Progress {
    return this.#current;
  }

  follow(event: JobEvent, now: number): void {
    switch (event.kind) {
      case 'train.run':
      case 'train.resume':
      case 'train.runOn':
        return this.#followTraining(event, now);
      case 'analysis.run': {
        const told = event.event as AnalysisEvent | ProgressEvent;
        return this.#count('phase' in told ? told.phase : 'analysing', told.done, told.total, now);
      }
      case 'generate.run': {
        const told = event.event as GenerateEvent | ProgressEvent;
        return 'phase' in told ? this.#count(told.phase, told.done, told.total, now) : this.#answer(now);
      }
      case 'gates.run':
      case 'export.verify':
        return;
      case 'study.run':
        return this.#followStudy(event.event as StudyEvent, now);
      case 'sweep.run':
      case 'sweep.runOn':
        return this.#followSweep(event.event as SweepEvent, now);
      default: {
        const { phase, done, total } = event.event as ProgressEvent;
        return this.#count(phase, done, total, now);
      }
    }
  }

  #followTraining(event: JobEvent, now: number): void {
    const train = trainEvent(event);
    if (train?.event === 'phase') {
      this.#enter(train.phase, now);
      if (train.fraction !== undefined) this.#current = { ...this.#current, fraction: train.fraction };
    } else if (train?.event === 'start') {
      this.#steps = train.steps;
      this.#current = { ...this.#current, run: train.run };
    } else if (train?.event === 'step') {
      this.#enter('training', now);
      const fraction = this.#steps > 0 ? { fraction: train.step / this.#steps } : {};
      this.#current = { ...this.#current, ...fraction, etaSeconds: train.etaSeconds };
    }
  }

  #followStudy(event: StudyEvent, now: number): void {
    if (event.event === 'points') {
      this.#points = { done: event.done, total: event.total, etaSeconds: event.etaSeconds };
      this.#enter('computing', now);
    } else if (event.event === 'phase') {
      this.#enter(event.phase, now);
    } else {
      return;
    }
    const { done, total, etaSeconds } = this.#points;
    const within = event.event === 'phase' && event.phase === 'computing' ? (event.fraction ?? 0) : 0;
    this.#current = {
      ...this.#current,
      ...(total > 0 ? { fraction: Math.min((done + within) / total, 1) } : {}),
      ...(etaSeconds === undefined ? {} : { etaSeconds }),
    };
  }

  #followSweep(event: SweepEvent, now: number): void {
    if (event.event === 'phase') {
      // Phases of single trials come and go; the sweep as a whole is at work.
      if (this.#trials.size === 0) this.#enter(event.phase, now);
      return;
    }
    if (event.event !== 'sweep' && event.event !== 'trials') return;
    for (const trial of event.event === 'sweep' ? event.result.trials : event.changed) {
      this.#trials.set(trial.number, shareOf(trial));
    }
    const done = [...this.#trials.values()].reduce((sum, share) => sum + share, 0);
    this.#count('training', done, this.#trials.size, now);
  }

  /** How long an answer will be is not known. */
  #answer(now: number): void {
    if (this.#current.phase !== undefined) this.#enter('answering', now);
  }

  #count(phase: string, done: number, total: number, now: number): void {
    this.#enter(phase, now);
    if (!(total > 0)) return;
    const elapsed = (now - this.#phaseStartedAt) / 1_000;
    const eta = done > 0 ? { etaSeconds: (elapsed / done) * (total - done) } : {};
    this.#current = { ...this.#current, fraction: Math.min(done / total, 1), ...eta };
  }

  /** A new phase starts without fraction and time left: those of the last one say nothing of it. */
  #enter(phase: string, now: number): void {
    if (phase === this.#current.phase) return;
    const { run } = this.#current;
    this.#phaseStartedAt = now;
    this.#current = run === undefined ? { phase } : { phase, run };
  }
}

function shareOf({ state, step, totalSteps }: Trial): number {
  if (isFinal(state)) return 1;
  return totalSteps > 0 ? step / totalSteps : 0;
}
