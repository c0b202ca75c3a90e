/**
 * The engine's side of the process border: reads frames, runs operations, answers each request exactly once. It knows
 * neither Electron nor any operation; both are handed in, so that tests drive it over a transport in memory.
 */
import type { z } from 'zod';
import type { ControlAction, OperationContext, OperationName, Operations } from '../contract/engine.ts';
import { operationSchemas } from '../contract/operations.schema.ts';
import { isHostFrame, protocolVersion, type EngineFrame, type HostFrame, type LogLevel } from '../host/protocol.ts';
import { AppError, cancelled, toErrorShape } from '../util/appError.ts';
import { validate } from '../util/validate.ts';

/** How the engine reaches its host. `post` may throw when a payload cannot be cloned. */
export interface EnginePort {
  post(frame: EngineFrame): void;
  onFrame(listener: (frame: unknown) => void): void;
}

export interface ServeOptions {
  /** Ends the process. */
  exit(code: number): void;
  /** Time between heartbeats. */
  readonly heartbeatMilliseconds?: number;
}

export interface EngineServer {
  /** Answers all open requests with INTERNAL, writes the stack to the log and ends the process with code 1. */
  fatal(error: unknown): void;
}

interface ActiveRequest {
  readonly controller: AbortController;
  readonly controls: ControlAction[];
  readonly finished: Promise<void>;
}

type AnyOperation = (input: unknown, context: OperationContext<unknown>) => Promise<unknown>;

/** Serves `operations` to the host at the other end of `port` until `shutdown` or a fatal error. */
export function serveEngine(port: EnginePort, operations: Operations, options: ServeOptions): EngineServer {
  const active = new Map<number, ActiveRequest>();
  const heartbeat = setInterval(() => port.post({ type: 'heartbeat' }), options.heartbeatMilliseconds ?? 2_000);
  let lastId = 0;

  function log(level: LogLevel, message: string): void {
    port.post({ type: 'log', level, message });
  }

  async function run(id: number, operation: string, input: unknown, request: Omit<ActiveRequest, 'finished'>) {
    const { signal } = request.controller;
    let seq = 0;
    const settle = (frame: EngineFrame): void => {
      // A fatal error may have answered for this request already.
      if (!active.delete(id)) return;
      try {
        port.post(frame);
      } catch (error) {
        log('error', `The answer of ${operation} could not be sent: ${describe(error)}`);
        port.post({ type: 'error', id, error: toErrorShape(error) });
      }
    };
    try {
      if (!isOperation(operation)) throw new AppError('USAGE', `The engine has no operation ${operation}.`);
      const schema: z.ZodType = operationSchemas[operation];
      const parsed = validate(schema, input, `The request ${operation}`);
      // The schema of this very operation has just been applied; TypeScript cannot pair the two maps by name.
      const call = operations[operation] as AnyOperation;
      const output = await call(parsed, {
        signal,
        emit(event) {
          if (!active.has(id)) return;
          port.post({ type: 'event', id, seq: seq + 1, event });
          seq += 1;
        },
        takeControls: () => request.controls.splice(0),
      });
      settle({ type: 'result', id, output });
    } catch (error) {
      const reason = signal.aborted && !(error instanceof AppError) ? cancelled() : error;
      if (!(reason instanceof AppError)) log('error', `${operation} failed: ${describe(reason)}`);
      settle({ type: 'error', id, error: toErrorShape(reason) });
    }
  }

  function accept(frame: Extract<HostFrame, { type: 'request' }>): void {
    // Ids only grow, so that a repeated frame can never be answered twice.
    if (frame.id <= lastId) return log('error', `Request ${frame.id} came twice and was ignored the second time.`);
    lastId = frame.id;
    const request = { controller: new AbortController(), controls: [] };
    // The entry must exist before the operation's first synchronous part runs.
    const finished = Promise.resolve().then(() => run(frame.id, frame.operation, frame.input, request));
    active.set(frame.id, { ...request, finished });
  }

  async function shutDown(): Promise<void> {
    const open = [...active.values()];
    for (const request of open) request.controller.abort();
    await Promise.all(open.map((request) => request.finished));
    clearInterval(heartbeat);
    options.exit(0);
  }

  port.onFrame((frame) => {
    if (!isHostFrame(frame))
      return log('error', `A frame was not understood: ${JSON.stringify(frame ?? null).slice(0, 200)}`);
    switch (frame.type) {
      case 'hello':
        return port.post({ type: 'ready', version: protocolVersion });
      case 'request':
        return accept(frame);
      case 'control':
        active.get(frame.id)?.controls.push(frame.action);
        return;
      case 'cancel':
        return active.get(frame.id)?.controller.abort();
      case 'shutdown':
        void shutDown();
    }
  });

  return {
    fatal(error) {
      clearInterval(heartbeat);
      log('error', `The engine met a fault outside any request: ${describe(error)}`);
      for (const id of active.keys()) port.post({ type: 'error', id, error: toErrorShape(error) });
      active.clear();
      options.exit(1);
    },
  };
}

function isOperation(name: string): name is OperationName {
  return Object.hasOwn(operationSchemas, name);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
