/**
 * One lane of the engine: at most one live process, started by the first request that needs it, ended when idle, and no
 * longer started after repeated failures until the person asks for it.
 */
import type { Lane } from '../contract/engine.ts';
import type { EngineLaneState } from '../contract/routes.ts';
import { AppError, cancelled } from '../util/appError.ts';
import { Breaker } from './breaker.ts';
import type { EngineCall, OpenCall } from './engineCall.ts';
import { EngineProcess, type EngineBudgets } from './engineProcess.ts';
import type { SpawnEngine } from './engineTransport.ts';
import type { LogLevel } from './protocol.ts';

export interface LaneOptions {
  readonly lane: Lane;
  readonly spawn: SpawnEngine;
  readonly budgets: EngineBudgets;
  /** Milliseconds without any request after which the process is asked to leave, so that its memory returns. */
  readonly idle: number;
  log(level: LogLevel, message: string): void;
  onState(): void;
}

export class EngineLane {
  readonly #options: LaneOptions;
  readonly #breaker = new Breaker();
  /** Requests that came while the last process was leaving: its exit starts the next one, there are never two. */
  readonly #waiting = new Map<number, OpenCall>();
  #process: EngineProcess | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #lastId = 0;
  #closed = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get state(): EngineLaneState {
    if (this.#process === undefined) return this.#breaker.open ? 'broken' : 'stopped';
    if (this.#process.leaving) return 'stopping';
    return this.#process.ready ? 'ready' : 'starting';
  }

  /** Runs an operation in the lane's process. */
  run(operation: string, input: unknown, onEvent: (event: unknown) => void): EngineCall<unknown> {
    let settle: Pick<OpenCall, 'resolve' | 'reject'> = { resolve: () => undefined, reject: () => undefined };
    const result = new Promise<unknown>((resolve, reject) => (settle = { resolve, reject }));
    this.#lastId += 1;
    const call: OpenCall = {
      id: this.#lastId,
      operation,
      input,
      earlyControls: [],
      sent: false,
      cancelled: false,
      onEvent,
      ...settle,
    };
    this.#admit(call);
    return {
      result,
      control: (action) => {
        if (this.#waiting.has(call.id)) call.earlyControls.push(action);
        else this.#process?.control(call, action);
      },
      cancel: () => {
        if (this.#waiting.delete(call.id)) call.reject(cancelled());
        else this.#process?.cancel(call);
      },
    };
  }

  /** Whether no operation is under way. */
  get idle(): boolean {
    return this.#waiting.size === 0 && (this.#process?.openCalls ?? 0) === 0;
  }

  /** Lets the lane start processes again after repeated failures. */
  reset(): void {
    this.#breaker.reset();
    this.#options.onState();
  }

  /** Ends the process when nothing is open, so that its memory returns; the next request starts a new one. */
  retire(): void {
    if (this.#process?.openCalls !== 0) return;
    clearTimeout(this.#idleTimer);
    this.#process.leave('it is idle');
    this.#options.onState();
  }

  /** Ends the process for good: asks, waits the stop budget, ends it. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idleTimer);
    for (const call of this.#waiting.values()) call.reject(closing());
    this.#waiting.clear();
    this.#process?.leave('the app is closing');
    await this.#process?.exited;
  }

  #admit(call: OpenCall): void {
    clearTimeout(this.#idleTimer);
    if (this.#closed) call.reject(closing());
    else if (this.#breaker.open) call.reject(broken(this.#options.lane));
    else if (this.#process?.leaving === true) this.#waiting.set(call.id, call);
    else this.#start(call);
  }

  #start(call: OpenCall): void {
    try {
      const target = this.#process ?? this.#startProcess();
      target.run(call);
    } catch (error) {
      this.#breaker.recordFailure();
      const reason = error instanceof Error ? error.message : String(error);
      call.reject(new AppError('ENGINE_STOPPED', `The engine process could not be started: ${reason}.`));
      this.#options.onState();
    }
  }

  #startProcess(): EngineProcess {
    const { lane, spawn, budgets, onState } = this.#options;
    const started = new EngineProcess({
      transport: spawn(lane),
      budgets,
      log: (level, message) => this.#options.log(level, `[${lane}] ${message}`),
      onReady: onState,
      onAnswer: () => {
        this.#breaker.recordSuccess();
        if (started.openCalls === 0) this.#idleTimer = setTimeout(() => this.retire(), this.#options.idle);
      },
      onExit: (failed) => this.#onExit(failed),
    });
    this.#process = started;
    onState();
    return started;
  }

  #onExit(failed: boolean): void {
    this.#process = undefined;
    clearTimeout(this.#idleTimer);
    if (failed) this.#breaker.recordFailure();
    this.#options.onState();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const call of waiting) this.#admit(call);
  }
}

function closing(): AppError {
  return new AppError('ENGINE_STOPPED', 'The app is closing; the engine takes no more tasks.');
}

function broken(lane: Lane): AppError {
  return new AppError(
    'ENGINE_STOPPED',
    'The engine process failed three times in a row and is not started again by itself; read the log, then restart the engine.',
    { details: { lane, broken: true } },
  );
}
