/** Parts in which the time is counted: one that passed while this process stood still counts once. */
const parts = 20;

/**
 * Calls `due` whenever so much time in which this process was running has passed since the last call or
 * {@link restart}. While a computer sleeps, or all processes of the app are stopped, nobody could give a sign of life:
 * that time does not count.
 */
export class AwakeTimer {
  readonly #interval: NodeJS.Timeout;
  #left = parts;

  constructor(milliseconds: number, due: () => void) {
    this.#interval = setInterval(() => {
      this.#left -= 1;
      if (this.#left > 0) return;
      this.restart();
      due();
    }, milliseconds / parts);
  }

  restart(): void {
    this.#left = parts;
  }

  stop(): void {
    clearInterval(this.#interval);
  }
}
