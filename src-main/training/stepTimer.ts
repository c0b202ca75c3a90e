const windowSteps = 20;

/** Speed and remaining time from the last {@link windowSteps} steps, so that a slow start or a pause is soon forgotten. */
export class StepTimer {
  #durations: number[] = [];

  /** @param seconds wall time of one optimizer step with all that belongs to it */
  add(seconds: number): void {
    this.#durations.push(seconds);
    if (this.#durations.length > windowSteps) this.#durations.shift();
  }

  /** Seconds until `steps` more steps are done; 0 before anything was measured. */
  remainingSeconds(steps: number): number {
    if (this.#durations.length === 0) return 0;
    const total = this.#durations.reduce((sum, seconds) => sum + seconds, 0);
    return (total / this.#durations.length) * steps;
  }
}
