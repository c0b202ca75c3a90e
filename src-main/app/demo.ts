/** `--demo`: the window drives the sample path; this prints how far it is and ends the app with the right exit code. */
import { formatDuration } from '../contract/format.ts';
import type { JobSummary } from '../contract/jobs.ts';
import { jobTitle } from '../contract/jobTitle.ts';
import type { ParsedInput } from '../contract/routes.ts';

export type DemoReport = ParsedInput<'demo.report'>;

/** Milliseconds between two lines of the same phase, and how long the window may take to begin. */
const lineInterval = 5_000;
const beginBudget = 120_000;

export interface DemoOptions {
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
  readonly now: () => number;
  readonly exit: (code: number) => void;
}

export class Demo {
  readonly #options: DemoOptions;
  readonly #startedAt: number;
  readonly #beginTimer: NodeJS.Timeout;
  #lastLine = { text: '', at: 0 };
  #over = false;

  constructor(options: DemoOptions) {
    this.#options = options;
    this.#startedAt = options.now();
    this.#beginTimer = setTimeout(() => {
      this.fail(`the window did not begin within ${beginBudget / 1_000} s`);
    }, beginBudget);
  }

  /** Progress of the running task, with the time left. */
  showJob(job: JobSummary): void {
    if (this.#over || job.state !== 'running') return;
    const percent = job.fraction === undefined ? '' : ` ${Math.floor(job.fraction * 100)} %`;
    const left = job.etaSeconds === undefined ? '' : `, about ${formatDuration(job.etaSeconds)} left`;
    this.#line(`${jobTitle(job, 'en')}: ${job.phase ?? 'starting'}`, `${percent}${left}`);
  }

  /** A report of the window's driver. */
  take(report: DemoReport): void {
    if (this.#over) return;
    clearTimeout(this.#beginTimer);
    if (report.error !== undefined) {
      this.fail(report.error);
      return;
    }
    const step = report.total > 0 ? `[${Math.min(report.done + 1, report.total)}/${report.total}] ` : '';
    this.#line(`${step}${report.phase}`, report.message === undefined ? '' : `: ${report.message}`, true);
    if (report.finished === true) this.#succeed(report.folder);
  }

  /** Ends the demonstration with exit code 1 and the reason. */
  fail(reason: string): void {
    if (!this.#end()) return;
    this.#options.printError(`The demonstration failed: ${reason}`);
    this.#options.exit(1);
  }

  #succeed(folder: string | undefined): void {
    if (!this.#end()) return;
    this.#options.print(`Done in ${this.#elapsed()}.`);
    if (folder !== undefined) this.#options.print(folder);
    this.#options.exit(0);
  }

  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#beginTimer);
    return true;
  }

  /** Prints a line; one that only repeats the phase is printed every few seconds. */
  #line(phase: string, rest: string, always = false): void {
    const now = this.#options.now();
    if (!always && phase === this.#lastLine.text && now - this.#lastLine.at < lineInterval) return;
    this.#lastLine = { text: phase, at: now };
    this.#options.print(`${this.#elapsed().padStart(12)}  ${phase}${rest}`);
  }

  #elapsed(): string {
    return formatDuration((this.#options.now() - this.#startedAt) / 1_000);
  }
}
