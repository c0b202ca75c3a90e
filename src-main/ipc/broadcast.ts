/** Typed events to the window. Events of jobs are gathered, so that fast training costs at most ten messages a second. */
import type { WindowEventName, WindowEvents } from '../contract/routes.ts';

/** Milliseconds between two messages of gathered job events. */
const interval = 100;

/** Delivers payloads of one event, in order. */
export type Deliver = (name: WindowEventName, payloads: readonly unknown[]) => void;

export class Broadcast {
  readonly #deliver: Deliver;
  #gathered: WindowEvents['job.event'][] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  /** Sends an event. The order between events is kept, also between gathered and other ones. */
  send<N extends WindowEventName>(name: N, payload: WindowEvents[N]): void {
    this.#flush();
    this.#deliver(name, [payload]);
  }

  /** Sends the event of a job at once when the last message is long enough ago, else with the next message. */
  sendJobEvent(event: WindowEvents['job.event']): void {
    this.#gathered.push(event);
    if (this.#timer !== undefined) return;
    this.#flush();
    this.#startTimer();
  }

  #startTimer(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#gathered.length === 0) return;
      this.#flush();
      this.#startTimer();
    }, interval);
  }

  #flush(): void {
    if (this.#gathered.length === 0) return;
    const events = this.#gathered;
    this.#gathered = [];
    this.#deliver('job.event', events);
  }
}
