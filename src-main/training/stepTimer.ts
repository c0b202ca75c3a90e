const windowSteps = 20;

/** Time of a step over the last {@link windowSteps} of them, so that a slow start is soon forgotten. */
export class StepTimer {
  readonly #durations: number[] = [];

  /** @param seconds wall time of one optimizer step with all that belongs to it */
  add(seconds: number): void {
    this.#durations.push(seconds);
    if (this.#durations.length > windowSteps) this.#durations.shift();
  }

  /** Mean of the window; undefined before anything was measured. */
  secondsPerStep(): number | undefined {
    if (this.#durations.length === 0) return undefined;
    return this.#durations.reduce((sum, seconds) => sum + seconds, 0) / this.#durations.length;
  }
}
