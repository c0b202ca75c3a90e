/** Closing the window: at once when nothing runs, else as the person decides; and no process is left behind. */
import { app } from 'electron';
import type { WindowEvents } from '../contract/routes.ts';
import type { Jobs } from '../jobs/jobs.ts';

export type CloseDecision = 'stay' | 'stop-and-keep' | 'quit';

export interface ClosingOptions {
  readonly jobs: Jobs;
  /** Called once it is decided that the app ends, before its jobs are ended. */
  readonly onLeaving: () => void;
  /** Asks the window what to do; false when the window cannot answer. */
  readonly ask: (request: WindowEvents['close.requested']) => boolean;
  /** Asks with a box of the system, for a window that cannot answer. */
  readonly askNatively: (request: WindowEvents['close.requested']) => CloseDecision;
  /** Ends the engine's processes and writes what is still to be written. */
  readonly finish: () => Promise<void>;
}

export class Closing {
  readonly #options: ClosingOptions;
  #decided = false;
  #finished = false;
  #exitCode = 0;

  constructor(options: ClosingOptions) {
    this.#options = options;
    app.on('will-quit', (event) => {
      if (this.#finished) return;
      event.preventDefault();
      void this.#finish();
    });
  }

  /** Whether the window may close now; otherwise the question has been asked. */
  mayClose(): boolean {
    const runningJobs = this.#options.jobs.active().map((job) => job.summary);
    if (this.#decided || runningJobs.length === 0) return true;
    if (!this.#options.ask({ runningJobs })) this.decide(this.#options.askNatively({ runningJobs }));
    return false;
  }

  /** Carries out the person's decision. Gives false when the window stays. */
  decide(decision: CloseDecision): boolean {
    if (decision === 'stay') return false;
    const { jobs, onLeaving } = this.#options;
    onLeaving();
    const ended = decision === 'quit' ? jobs.cancelAll() : jobs.stopAndKeepAll();
    void ended.then(() => this.leave(0));
    return true;
  }

  /** Leaves without asking. */
  leave(exitCode: number): void {
    this.#decided = true;
    this.#exitCode = exitCode;
    app.quit();
  }

  async #finish(): Promise<void> {
    this.#finished = true;
    await this.#options.finish().catch(() => undefined);
    app.exit(this.#exitCode);
  }
}
