import type { Probe, StudyEvent } from '../contract/studies.ts';
import type { Clock } from '../util/clock.ts';

/** Counts the points of a study and foretells the time of the rest from those computed so far. */
export class PointCounter {
  readonly #clock: Clock;
  readonly #emit: (event: StudyEvent) => void;
  readonly #most: number;
  #total = 0;
  #reused = 0;
  #computed = 0;
  #since: number | undefined;

  /** @param most new points, after which {@link full} holds */
  constructor(clock: Clock, emit: (event: StudyEvent) => void, most = Infinity) {
    this.#clock = clock;
    this.#emit = emit;
    this.#most = most;
  }

  /** Sets out: how many points there are, and how many of them were there already. */
  begin(total: number, reused: number): void {
    this.#total = total;
    this.#reused = reused;
    this.#since = this.#clock.now();
    this.#tell({});
  }

  /** One more was computed. */
  computed(about: { readonly probe?: Probe; readonly text?: string } = {}): void {
    this.#computed += 1;
    this.#tell(about);
  }

  /** Whether as many new points were computed as were asked for. */
  get full(): boolean {
    return this.#computed >= this.#most;
  }

  get points(): { readonly total: number; readonly reused: number; readonly complete: boolean } {
    const done = this.#reused + this.#computed;
    return { total: this.#total, reused: this.#reused, complete: done >= this.#total };
  }

  #tell(about: { readonly probe?: Probe; readonly text?: string }): void {
    const done = this.#reused + this.#computed;
    const left = Math.min(this.#total - done, this.#most - this.#computed);
    const elapsed = (this.#clock.now() - (this.#since ?? this.#clock.now())) / 1000;
    const eta = this.#computed > 0 ? { etaSeconds: (elapsed / this.#computed) * left } : {};
    this.#emit({ event: 'points', done, total: this.#total, reused: this.#reused, ...eta, ...about });
  }
}
