import type { AppFailure } from '../bridge/appFailure.ts';
import { toFailure } from '../bridge/appFailure.ts';

/**
 * Something that is asked for: idle, busy, failed or done. Answers that come after a later question are dropped.
 * The value is replaced as a whole, never changed in place.
 */
export class Resource<Value> {
  value = $state.raw<Value>();
  failure = $state.raw<AppFailure>();
  busy = $state(false);
  #question = 0;
  #loader: (() => Promise<Value>) | undefined;

  /** Asks. The old value goes at once unless `keep` is set. Resolves when this question is settled; never rejects. */
  async load(loader: () => Promise<Value>, { keep = false } = {}): Promise<void> {
    this.#loader = loader;
    const question = ++this.#question;
    if (!keep) this.value = undefined;
    this.failure = undefined;
    this.busy = true;
    try {
      const value = await loader();
      if (question === this.#question) this.value = value;
    } catch (error) {
      if (question !== this.#question) return;
      this.value = undefined;
      this.failure = toFailure(error);
    } finally {
      if (question === this.#question) this.busy = false;
    }
  }

  /** Asks the last question again. */
  async reload(): Promise<void> {
    if (this.#loader !== undefined) await this.load(this.#loader);
  }

  clear(): void {
    this.#question += 1;
    this.#loader = undefined;
    this.value = undefined;
    this.failure = undefined;
    this.busy = false;
  }
}
