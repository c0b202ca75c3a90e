/**
 * The host's view of one engine process, from its start to its exit. The exit is the only truth about its end: every
 * request that is open then fails, and none is ever sent again by itself.
 */
import type { ControlAction } from '../contract/engine.ts';
import { AppError, cancelled, fromErrorShape } from '../util/appError.ts';
import { AwakeTimer } from './awakeTimer.ts';
import type { OpenCall } from './engineCall.ts';
import type { EngineTransport } from './engineTransport.ts';
import { isEngineFrame, protocolVersion, type EngineFrame, type HostFrame, type LogLevel } from './protocol.ts';

/** Milliseconds that the host waits for an engine process. */
export interface EngineBudgets {
  /** From the start of the process to its `ready`; then it is ended. */
  readonly start: number;
  /** From a cancel to the answer; then the process is ended. */
  readonly cancel: number;
  /** From `shutdown` to the exit; then the process is ended. */
  readonly stop: number;
  /** Without any frame while a request is open; then the process is ended. */
  readonly silence: number;
  /** Without any frame and without using the processor: it hangs, and is ended. */
  readonly hang: number;
}

/** Processor time below which a process does nothing: its threads may wake up now and then. */
const idleSeconds = 0.5;

export interface ProcessOptions {
  readonly transport: EngineTransport;
  readonly budgets: EngineBudgets;
  log(level: LogLevel, message: string): void;
  onReady(): void;
  /** An answer came: result or error. */
  onAnswer(): void;
  /** The process is gone. `failed` is false when the host ended it for a reason that is not the engine's fault. */
  onExit(failed: boolean): void;
}

interface Ending {
  readonly reason: string;
  readonly failed: boolean;
}

export class EngineProcess {
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  readonly #options: ProcessOptions;
  readonly #calls = new Map<number, OpenCall>();
  readonly #cancelTimers = new Map<number, NodeJS.Timeout>();
  readonly #startTimer: AwakeTimer;
  readonly #silenceTimer: AwakeTimer;
  readonly #hangTimer: AwakeTimer;
  #stopTimer: NodeJS.Timeout | undefined;
  #ending: Ending | undefined;
  #ready = false;
  #gone = false;
  /** Processor time of the process when the time of the hang began. */
  #cpuSeconds: number | undefined;

  constructor(options: ProcessOptions) {
    const { transport, budgets } = options;
    this.#options = options;
    this.exited = new Promise((resolve) => {
      transport.onExit((exitCode) => {
        this.#onExit(exitCode);
        resolve();
      });
    });
    transport.onFrame((frame) => this.#receive(frame));
    transport.onOutput((line) => options.log('info', line));
    this.#startTimer = new AwakeTimer(budgets.start, () =>
      this.#end({ reason: `it was not ready within ${budgets.start} ms`, failed: true }),
    );
    this.#silenceTimer = new AwakeTimer(budgets.silence, () => this.#checkSilence());
    this.#hangTimer = new AwakeTimer(budgets.hang, () => this.#checkHang());
    this.#post({ type: 'hello', version: protocolVersion });
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** True once the host has asked the process to leave or ended it: it takes no more requests. */
  get leaving(): boolean {
    return this.#ending !== undefined || this.#gone;
  }

  get openCalls(): number {
    return this.#calls.size;
  }

  /** Sends a request, now or as soon as the process is ready. */
  run(call: OpenCall): void {
    this.#calls.set(call.id, call);
    if (this.#calls.size === 1) this.#noteSignOfLife();
    if (this.#ready) this.#send(call);
  }

  control(call: OpenCall, action: ControlAction): void {
    if (!this.#calls.has(call.id)) return;
    if (call.sent) this.#post({ type: 'control', id: call.id, action });
    else call.earlyControls.push(action);
  }

  cancel(call: OpenCall): void {
    if (!this.#calls.has(call.id) || call.cancelled) return;
    call.cancelled = true;
    if (!call.sent) {
      this.#settle(call, () => call.reject(cancelled()));
      return;
    }
    this.#post({ type: 'cancel', id: call.id });
    const { cancel } = this.#options.budgets;
    const reason = `${call.operation} did not stop within ${cancel} ms of its cancel`;
    this.#cancelTimers.set(
      call.id,
      setTimeout(() => this.#end({ reason, failed: false }), cancel),
    );
  }

  /** Asks the process to leave and ends it when it has not left within the stop budget. */
  leave(reason: string): void {
    if (this.leaving) return;
    this.#ending = { reason, failed: false };
    this.#post({ type: 'shutdown' });
    this.#stopTimer = setTimeout(() => this.#options.transport.kill(), this.#options.budgets.stop);
  }

  #end(ending: Ending): void {
    if (this.#gone) return;
    this.#ending ??= ending;
    this.#options.transport.kill();
  }

  #send(call: OpenCall): void {
    call.sent = true;
    if (!this.#post({ type: 'request', id: call.id, operation: call.operation, input: call.input })) return;
    for (const action of call.earlyControls) this.#post({ type: 'control', id: call.id, action });
  }

  /** False when the process is gone already; its exit event is then on its way and settles what is open. */
  #post(frame: HostFrame): boolean {
    try {
      this.#options.transport.post(frame);
      return true;
    } catch (error) {
      this.#options.log('error', `The frame ${frame.type} could not be sent to the engine: ${String(error)}`);
      return false;
    }
  }

  #receive(frame: unknown): void {
    this.#noteSignOfLife();
    if (!isEngineFrame(frame)) {
      this.#options.log('error', 'The engine sent a frame that was not understood; it was ignored.');
      return;
    }
    if (frame.type === 'heartbeat') return;
    if (frame.type === 'log') this.#options.log(frame.level, frame.message);
    else if (frame.type === 'ready') this.#onReady(frame.version);
    else this.#onCallFrame(frame);
  }

  #onReady(version: number): void {
    this.#startTimer.stop();
    if (version !== protocolVersion) {
      const reason = `it speaks protocol ${version} and the app ${protocolVersion}; build the app again`;
      this.#end({ reason, failed: true });
      return;
    }
    if (this.leaving) return;
    this.#ready = true;
    this.#options.onReady();
    for (const call of this.#calls.values()) this.#send(call);
  }

  #onCallFrame(frame: Extract<EngineFrame, { id: number }>): void {
    const call = this.#calls.get(frame.id);
    if (call === undefined) {
      if (frame.type !== 'event') this.#options.log('warn', `A second answer to request ${frame.id} was ignored.`);
      return;
    }
    if (frame.type === 'event') {
      if (!call.cancelled) call.onEvent(frame.event);
      return;
    }
    this.#settle(call, () => {
      if (frame.type === 'result') call.resolve(frame.output);
      else call.reject(fromErrorShape(frame.error));
    });
    this.#options.onAnswer();
  }

  #settle(call: OpenCall, answer: () => void): void {
    clearTimeout(this.#cancelTimers.get(call.id));
    this.#cancelTimers.delete(call.id);
    this.#calls.delete(call.id);
    answer();
  }

  #noteSignOfLife(): void {
    this.#silenceTimer.restart();
    this.#hangTimer.restart();
    this.#cpuSeconds = undefined;
  }

  #checkSilence(): void {
    const { silence } = this.#options.budgets;
    if (this.#calls.size > 0) this.#endLifeless(silence, '');
  }

  /** Silence alone may be one long computation; silence without any work is a hang. */
  #checkHang(): void {
    const { hang } = this.#options.budgets;
    const before = this.#cpuSeconds;
    this.#cpuSeconds = this.#options.transport.cpuSeconds();
    const idle = before !== undefined && this.#cpuSeconds !== undefined && this.#cpuSeconds - before < idleSeconds;
    if (this.#calls.size > 0 && idle) this.#endLifeless(hang, ' and did nothing');
  }

  #endLifeless(milliseconds: number, more: string): void {
    this.#end({ reason: `it gave no sign of life for ${milliseconds / 1000} s${more}`, failed: true });
  }

  #onExit(exitCode: number): void {
    this.#gone = true;
    for (const timer of [this.#startTimer, this.#silenceTimer, this.#hangTimer]) timer.stop();
    clearTimeout(this.#stopTimer);
    const failed = this.#ending?.failed ?? true;
    const because = this.#ending === undefined ? '' : ` because ${this.#ending.reason}`;
    const ended = this.#ending === undefined ? 'ended unexpectedly' : 'was ended';
    const sentence = `The engine process ${ended} (exit code ${exitCode})${because}.`;
    this.#options.log(failed ? 'error' : 'info', sentence);
    for (const call of [...this.#calls.values()]) {
      this.#settle(call, () => {
        if (call.cancelled) call.reject(cancelled());
        else call.reject(new AppError('ENGINE_STOPPED', sentence, { details: { exitCode } }));
      });
    }
    this.#options.onExit(failed);
  }
}
