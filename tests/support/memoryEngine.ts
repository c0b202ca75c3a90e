import { serveEngine } from '../../src-main/engine/runtime.ts';
import type { Operations } from '../../src-main/contract/engine.ts';
import type { EngineTransport } from '../../src-main/host/engineTransport.ts';

/** An engine "process" in memory: the real runtime, frames cloned as a real border would, ended by hand. */
export interface MemoryEngine extends EngineTransport {
  /** Ends the process as a crash would. */
  crash(exitCode: number): void;
  /** Sends a frame as the engine, however wrong. */
  inject(frame: unknown): void;
  readonly killed: boolean;
  /** What the "system" tells of its processor time. */
  cpu: number | undefined;
}

/** Starts the runtime over `operations`; frames travel on macrotasks through structuredClone. */
export function startMemoryEngine(operations: Operations): MemoryEngine {
  let gone = false;
  let killed = false;
  let toHost: (frame: unknown) => void = () => undefined;
  let toEngine: (frame: unknown) => void = () => undefined;
  let announceExit: (exitCode: number) => void = () => undefined;

  function deliver(frame: unknown, receiver: () => (frame: unknown) => void): void {
    const copy: unknown = structuredClone(frame);
    setImmediate(() => {
      if (!gone) receiver()(copy);
    });
  }
  function exit(exitCode: number): void {
    if (gone) return;
    // What was posted before the exit is still delivered, as a message pipe does.
    setImmediate(() => {
      if (gone) return;
      gone = true;
      announceExit(exitCode);
    });
  }

  serveEngine(
    {
      post: (frame) => deliver(frame, () => toHost),
      onFrame: (listener) => (toEngine = listener),
    },
    operations,
    { exit, heartbeatMilliseconds: 2 ** 30 },
  );
  return {
    cpu: undefined,
    cpuSeconds() {
      return this.cpu;
    },
    get killed() {
      return killed;
    },
    post(frame) {
      if (gone) throw new Error('the process is gone');
      deliver(frame, () => toEngine);
    },
    onFrame: (listener) => (toHost = listener),
    onExit: (listener) => (announceExit = listener),
    onOutput: () => undefined,
    kill() {
      killed = true;
      exit(0);
    },
    crash: exit,
    inject: (frame) => deliver(frame, () => toHost),
  };
}

/** Operations of which only those given exist; calling another fails the test with its name. */
export function operationsWith(given: Partial<Operations>): Operations {
  return new Proxy(given as Operations, {
    get(target, name) {
      if (name in target) return Reflect.get(target, name) as unknown;
      return async () => Promise.reject(new Error(`the test gives no operation ${String(name)}`));
    },
  });
}
