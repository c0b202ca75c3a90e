import { untrack } from 'svelte';
import type { StepId } from './steps.ts';
import type { Studio } from './studio.svelte.ts';

export const tourStops = [
  'start',
  'model',
  'data',
  'analyse',
  'ranks',
  'train',
  'watch',
  'merge',
  'compare',
  'end',
] as const;
export type TourStop = (typeof tourStops)[number];

type Seen = Pick<Studio, 'project' | 'navigation' | 'analysis' | 'training' | 'exporting'>;

interface Stop {
  /** Where it is: a step of the project, or a view. */
  readonly step?: StepId;
  readonly view?: 'home' | 'chat';
  /** What the person has done when the tour goes on by itself. */
  readonly done: (studio: Seen) => boolean;
  /** The control that does it. */
  readonly target: string;
}

const mainAction = '[data-primary-action] button.primary';

function past(step: StepId): Stop['done'] {
  return ({ project, navigation }) => navigation.view === 'project' && project.step !== step;
}

const stops: Readonly<Record<TourStop, Stop>> = {
  start: {
    view: 'home',
    done: ({ project, navigation }) => navigation.view === 'project' && project.model !== undefined,
    target: '[data-testid="sample-stories"]',
  },
  model: { step: 'model', done: past('model'), target: mainAction },
  data: { step: 'data', done: past('data'), target: mainAction },
  analyse: { step: 'ranks', done: ({ analysis }) => analysis.state === 'done', target: mainAction },
  ranks: { step: 'ranks', done: past('ranks'), target: '[data-tour-share]' },
  train: { step: 'train', done: ({ training }) => training.state === 'busy', target: mainAction },
  watch: { step: 'train', done: past('train'), target: mainAction },
  merge: { step: 'export', done: ({ project }) => project.exportedTo !== undefined, target: mainAction },
  compare: { step: 'export', done: ({ navigation }) => navigation.view === 'chat', target: mainAction },
  end: { view: 'chat', done: () => false, target: 'textarea' },
};

/** The tour: it stands beside the real steps, goes on when the person has done one, and can be left at any time. */
export class TourState {
  open = $state(false);
  index = $state(0);
  /** Rises when the panel is to have the focus. */
  called = $state(0);
  readonly #studio: Studio;
  #wasDone = false;

  constructor(studio: Studio) {
    this.#studio = studio;
  }

  get id(): TourStop {
    return tourStops[this.index] ?? 'end';
  }

  get target(): string {
    return stops[this.id].target;
  }

  /** Whether the window shows what the stop is about. */
  get here(): boolean {
    const { step, view } = stops[this.id];
    const { navigation, project } = this.#studio;
    return step === undefined ? navigation.view === view : navigation.view === 'project' && project.step === step;
  }

  /** Begins, where the person stands in a project that is under way; comes to the front where it is open. */
  start(): void {
    this.called += 1;
    if (this.open) return;
    this.open = true;
    this.#goTo(this.#studio.navigation.view === 'project' ? this.#firstOpenStop() : 0);
    this.show();
  }

  leave(): void {
    this.open = false;
  }

  next(): void {
    if (this.index + 1 >= tourStops.length) return this.leave();
    this.#goTo(this.index + 1);
    this.show();
  }

  back(): void {
    this.#goTo(Math.max(0, this.index - 1));
    this.show();
  }

  /** Shows the place of the stop. */
  show(): void {
    if (this.here) return;
    const { step, view } = stops[this.id];
    if (step !== undefined) this.#studio.goToStep(step);
    else if (view !== undefined) this.#studio.navigation.go(view);
  }

  /** Call from an effect: goes on once the person has done what the stop asks for. */
  follow(): void {
    if (!this.open) return;
    const done = stops[this.id].done(this.#studio);
    untrack(() => {
      // What was done before one came here again does not push one on.
      if (done && !this.#wasDone && this.index + 1 < tourStops.length) this.#goTo(this.index + 1);
      else this.#wasDone = done;
    });
  }

  #goTo(index: number): void {
    this.index = index;
    this.#wasDone = stops[this.id].done(this.#studio);
  }

  #firstOpenStop(): number {
    const { project } = this.#studio;
    return Math.max(
      0,
      tourStops.findIndex((id) => stops[id].step === project.step),
    );
  }
}
