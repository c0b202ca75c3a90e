import type { RunRecord, TrainEvent } from '../../src-main/contract/training.ts';
import { Series } from '../charts/series.ts';

export type EventOf<N extends TrainEvent['event']> = Extract<TrainEvent, { event: N }>;
/** Events worth a line of text, newest last. */
export type Happening = EventOf<'eval' | 'checkpoint' | 'paused' | 'continued' | 'note' | 'start' | 'done'>;

/** How much each matrix had learnt after a step; in the order of the run's ranks, NaN where not told. */
export interface LearntFrame {
  readonly step: number;
  readonly relativeNorm: Float64Array;
  readonly effectiveRank: Float64Array;
}

/** The ranks that were given out after a step, in the order of the run's matrices. */
export interface RanksFrame {
  readonly step: number;
  readonly budget: number;
  readonly values: Float64Array;
}

/** Gates over the held-out rows after a step: [matrix · n + set], in the order of the run's matrices. */
export interface GatesFrame {
  readonly step: number;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

const keptHappenings = 400;

/**
 * A run as its events tell it: the same for a live run, one taken up again after a reload, and a replay.
 * Long series stay outside reactivity; `revision` rises when they have grown.
 */
export class RunLog {
  revision = $state(0);
  phase = $state.raw<EventOf<'phase'>>();
  start = $state.raw<EventOf<'start'>>();
  latest = $state.raw<EventOf<'step'>>();
  best = $state.raw<EventOf<'eval'>>();
  /** Held-out loss before the first step. */
  baseLoss = $state<number>();
  /** Loss on the neutral text, before training first. */
  neutral = $state.raw<readonly EventOf<'neutral'>[]>([]);
  learnt = $state.raw<readonly LearntFrame[]>([]);
  /** Ranks over time, where the method changes them. */
  ranks = $state.raw<readonly RanksFrame[]>([]);
  gates = $state.raw<readonly GatesFrame[]>([]);
  samples = $state.raw<readonly EventOf<'sample'>[]>([]);
  happenings = $state.raw<readonly Happening[]>([]);
  done = $state.raw<EventOf<'done'>>();
  readonly loss = new Series();
  readonly validation = new Series();
  readonly learningRate = new Series();
  readonly gradientNorm = new Series();
  readonly speed = new Series();
  readonly memory = new Series();

  /** Step of the newest checkpoint that was told; 0 before the first. */
  get savedStep(): number {
    return this.happenings.findLast((happening) => happening.event === 'checkpoint')?.step ?? 0;
  }

  /** Takes the record of an opened run for what its events need not tell. */
  takeRecord(record: RunRecord): void {
    if (record.baseLoss !== null) this.baseLoss = record.baseLoss;
    if (this.start === undefined && record.ranks.length > 0) {
      this.start = {
        event: 'start',
        run: '',
        ranks: record.ranks,
        trainable: record.trainable,
        parameters: 0,
        steps: record.totalSteps,
        trainRows: 0,
        validationRows: 0,
        fromStep: 0,
        skippedRows: [],
      };
    }
  }

  apply(event: TrainEvent): void {
    switch (event.event) {
      case 'phase':
        this.phase = event;
        return;
      case 'start':
        this.start = event;
        this.done = undefined;
        this.#tell(event);
        break;
      case 'step':
        this.#step(event);
        break;
      case 'eval':
        this.#evaluated(event);
        break;
      case 'neutral':
        this.neutral = upTo(this.neutral, event);
        break;
      case 'learnt':
        this.#learnt(event);
        break;
      case 'ranks': {
        const { step, budget } = event;
        this.ranks = upTo(this.ranks, { step, budget, values: Float64Array.from(event.ranks) });
        break;
      }
      case 'gates':
        this.#gates(event);
        break;
      case 'sample':
        this.samples = [...this.samples.filter((s) => s.step !== event.step || s.prompt !== event.prompt), event];
        break;
      case 'done':
        this.done = event;
        this.#tell(event);
        break;
      case 'checkpoint':
        // The start is saved too; only what was learnt is worth a line.
        if (event.step > 0) this.#tell(event);
        break;
      case 'paused':
      case 'continued':
      case 'note':
        this.#tell(event);
        break;
    }
    this.revision++;
  }

  #step(event: EventOf<'step'>): void {
    this.latest = event;
    this.loss.push(event.step, event.loss);
    this.learningRate.push(event.step, event.lr);
    this.gradientNorm.push(event.step, event.gradNorm);
    this.speed.push(event.step, event.tokensPerSecond);
    this.memory.push(event.step, event.rssBytes);
  }

  #evaluated(event: EventOf<'eval'>): void {
    this.validation.push(event.step, event.loss);
    if (event.step === 0) this.baseLoss = event.loss;
    if (event.best) this.best = event;
    this.#tell(event);
  }

  #learnt(event: EventOf<'learnt'>): void {
    const ranks = this.start?.ranks ?? [];
    const place = new Map(ranks.map((rank, i) => [rank.name, i]));
    const relativeNorm = new Float64Array(ranks.length).fill(NaN);
    const effectiveRank = new Float64Array(ranks.length).fill(NaN);
    for (const matrix of event.matrices) {
      const i = place.get(matrix.name);
      if (i === undefined) continue;
      relativeNorm[i] = matrix.relativeNorm;
      effectiveRank[i] = matrix.effectiveRank ?? NaN;
    }
    this.learnt = upTo(this.learnt, { step: event.step, relativeNorm, effectiveRank });
  }

  #gates(event: EventOf<'gates'>): void {
    const sets = event.matrices[0]?.mean.length ?? 0;
    const named = new Map(event.matrices.map((matrix) => [matrix.name, matrix]));
    const all = (part: 'mean' | 'deviation'): Float64Array =>
      Float64Array.from(
        (this.start?.ranks ?? []).flatMap(({ name }) => named.get(name)?.[part] ?? new Array<number>(sets).fill(NaN)),
      );
    this.gates = upTo(this.gates, { step: event.step, mean: all('mean'), deviation: all('deviation') });
  }

  #tell(event: Happening): void {
    this.happenings = [...this.happenings.slice(1 - keptHappenings), event];
  }
}

/** Frames with a new one at the end; a resumed run repeats steps, whose frames are replaced. */
function upTo<Frame extends { readonly step: number }>(frames: readonly Frame[], next: Frame): readonly Frame[] {
  return [...frames.filter(({ step }) => step < next.step), next];
}
