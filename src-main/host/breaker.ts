/** Failures in a row after which an engine lane stops starting processes until the person asks for it. */
const failuresAllowed = 3;

/** Counts the failures of a lane's process without an answer in between. Opens at the third; only `reset` closes it. */
export class Breaker {
  #failures = 0;

  get open(): boolean {
    return this.#failures >= failuresAllowed;
  }

  recordFailure(): void {
    this.#failures += 1;
  }

  /** An answer came: the process works. An open breaker stays open. */
  recordSuccess(): void {
    if (!this.open) this.#failures = 0;
  }

  reset(): void {
    this.#failures = 0;
  }
}
