import type { Lane } from '../contract/engine.ts';
import type { HostFrame } from './protocol.ts';

/** One live engine process as the host sees it: a utility process in the app, an object in memory in tests. */
export interface EngineTransport {
  /** Throws when the process is gone or the frame cannot be cloned. */
  post(frame: HostFrame): void;
  onFrame(listener: (frame: unknown) => void): void;
  /** Called once, when the process is truly gone; the only proof of its end. */
  onExit(listener: (exitCode: number) => void): void;
  /** What the process writes to stdout and stderr, line by line. */
  onOutput(listener: (line: string) => void): void;
  /** Seconds of processor time that the process has used so far; undefined where the system does not tell. */
  cpuSeconds(): number | undefined;
  /** Ends the process without asking it, whatever it is doing. `onExit` follows. */
  kill(): void;
}

/** Starts a process for a lane. Throws, or exits at once, when it cannot. */
export type SpawnEngine = (lane: Lane) => EngineTransport;
