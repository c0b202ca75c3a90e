/** Measures with which number of threads the engine is fastest: in processes of its own, and only while nothing else asks. */
import type { MeasuredRate, SpeedMeasurement, SpeedState } from '../contract/speed.ts';
import { busyCores } from '../speed/busyCores.ts';
import { keepMeasurement, keptSpeed } from '../speed/keptSpeed.ts';
import { measureThisComputer } from '../speed/measureThreads.ts';
import { fixedThreads } from '../speed/threadVariables.ts';
import { AppError, toErrorShape } from '../util/appError.ts';
import { EngineHost } from './engineHost.ts';
import type { EngineTransport } from './engineTransport.ts';
import type { LogLevel } from './protocol.ts';

export interface SpeedProbeOptions {
  /** Starts a compute process with so many threads. */
  readonly spawn: (threads: number) => EngineTransport;
  /** Whether no request to the engine is open and no task waits. */
  readonly isIdle: () => boolean;
  /** Share of all cores, 0 to 1, at work for this and other programs. */
  readonly busyCores?: () => Promise<number>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly log: (level: LogLevel, message: string) => void;
  readonly onChange: (state: SpeedState) => void;
  /** Another number of threads is the fastest: processes that are running have the earlier one. */
  readonly onThreads: () => void;
  /** Milliseconds without any request after which the first measurement begins by itself. */
  readonly quiet?: number;
}

/** Long enough that neither the first paint nor the first steps of a person wait for a measurement. */
const quietMilliseconds = 20_000;
/** More than this share of the cores at work: a measurement would find the threads that other programs leave. */
const mostBusy = 0.2;
/** Tries by itself, after which only the person asks: each was interrupted, or failed. */
const triesByItself = 5;
/** A measurement must be gone at once when something else is to be computed. */
const budgets = { cancel: 50, stop: 200 };

export class SpeedProbe {
  readonly #options: SpeedProbeOptions;
  #measurement: SpeedMeasurement | undefined;
  #running: { readonly controller: AbortController; readonly done: Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #tries = triesByItself;

  constructor(options: SpeedProbeOptions) {
    this.#options = options;
  }

  /** Reads what was kept; nothing is known before. */
  async load(): Promise<void> {
    this.#measurement = await keptSpeed();
  }

  get state(): SpeedState {
    const fixed = fixedThreads(this.#options.environment);
    return {
      measuring: this.#running !== undefined,
      ...(this.#measurement === undefined ? {} : { measurement: this.#measurement }),
      ...(fixed === undefined ? {} : { fixed }),
    };
  }

  /** The number of threads for the settings' 0; 0 where nothing was measured or the environment decides. */
  get threads(): number {
    return this.state.fixed === undefined ? (this.#measurement?.threads ?? 0) : 0;
  }

  /** Measures by itself as soon as the engine has been quiet for a while, where nothing valid is kept. */
  measureWhenQuiet(): void {
    clearTimeout(this.#timer);
    const { state } = this;
    if (state.fixed !== undefined || state.measurement !== undefined || this.#tries === 0) return;
    this.#timer = setTimeout(() => void this.#measureByItself(), this.#options.quiet ?? quietMilliseconds);
    this.#timer.unref();
  }

  async #measureByItself(): Promise<void> {
    const { isIdle, log } = this.#options;
    const share = await (this.#options.busyCores ?? busyCores)();
    // Closed in the meantime.
    if (this.#tries === 0) return;
    if (!isIdle() || share > mostBusy) return this.measureWhenQuiet();
    this.#tries -= 1;
    try {
      await this.measure();
    } catch (error) {
      const { code, message } = toErrorShape(error);
      log(code === 'CANCELLED' ? 'info' : 'warn', `The speed was not measured: ${message}`);
      this.measureWhenQuiet();
    }
  }

  /**
   * Measures and keeps the choice. A measurement that is under way is waited for.
   * @throws AppError SETTINGS_INVALID where the environment decides; RUN_BUSY; CANCELLED when something else was asked for
   */
  async measure(): Promise<SpeedState> {
    const { fixed } = this.state;
    if (fixed !== undefined) {
      throw new AppError(
        'SETTINGS_INVALID',
        `${fixed.variable} of the environment decides the number of threads; start the app without it to measure.`,
      );
    }
    if (this.#running === undefined) {
      if (!this.#options.isIdle()) {
        throw new AppError('RUN_BUSY', 'The engine is at work; measure when it is done, or the result would be wrong.');
      }
      const controller = new AbortController();
      this.#running = { controller, done: this.#measureNow(controller.signal) };
      this.#options.onChange(this.state);
    }
    await this.#running.done;
    return this.state;
  }

  /** Something is to be computed: a measurement ends at once, and begins again later. */
  giveWay(): void {
    this.#running?.controller.abort();
    if (this.#timer !== undefined) this.measureWhenQuiet();
  }

  /** Resolves when no process of a measurement is left. */
  async close(): Promise<void> {
    this.#tries = 0;
    clearTimeout(this.#timer);
    this.#running?.controller.abort();
    await this.#running?.done.catch(() => undefined);
  }

  async #measureNow(signal: AbortSignal): Promise<void> {
    try {
      const { now, log, onThreads } = this.#options;
      const measurement = await measureThisComputer(
        { measure: async (threads) => this.#measureIn(threads, signal), now },
        signal,
      );
      const before = this.threads;
      this.#measurement = measurement;
      log('info', `${String(measurement.threads)} of ${String(measurement.cores)} threads are the fastest here.`);
      if (this.threads !== before) onThreads();
      await keepMeasurement(measurement);
    } finally {
      this.#running = undefined;
      this.#options.onChange(this.state);
    }
  }

  async #measureIn(threads: number, signal: AbortSignal): Promise<MeasuredRate> {
    const { spawn, log } = this.#options;
    const host = new EngineHost({ spawn: () => spawn(threads), budgets, log });
    const call = host.run('speed.measure', {});
    const cancel = (): void => call.cancel();
    signal.addEventListener('abort', cancel);
    try {
      return await call.result;
    } finally {
      signal.removeEventListener('abort', cancel);
      await host.close();
    }
  }
}
