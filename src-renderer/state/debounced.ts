/** Calls something once things have been quiet for a while. */
export class Debounced {
  readonly #milliseconds: number;
  readonly #run: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(milliseconds: number, run: () => void) {
    this.#milliseconds = milliseconds;
    this.#run = run;
  }

  call(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), this.#milliseconds);
  }

  /** Runs now if a call is waiting. */
  flush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#run();
  }

  /** Forgets a waiting call. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
