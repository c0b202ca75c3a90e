import { utilityProcess } from 'electron';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Lane } from '../contract/engine.ts';
import { processStat } from '../util/processStat.ts';
import type { EngineTransport } from './engineTransport.ts';

/** Time that a process gets to go after the polite signal, before the one it cannot ignore. */
const killAfter = 200;
/** Lower than the window's, so that training at full load leaves the interface its share of the cores. */
const computePriority = 10;

export interface UtilityProcessOptions {
  /** The engine's bundle. */
  readonly entry: string;
  readonly lane: Lane;
  readonly environment: Record<string, string>;
}

/** Starts an engine in a utility process of its own. */
export function spawnUtilityProcess(options: UtilityProcessOptions): EngineTransport {
  const child = utilityProcess.fork(options.entry, [], {
    serviceName: `SARA engine (${options.lane})`,
    stdio: 'pipe',
    env: options.environment,
  });
  let gone = false;
  let killTimer: NodeJS.Timeout | undefined;
  child.on('spawn', () => {
    if (options.lane === 'compute' && child.pid !== undefined) lowerPriority(child.pid);
  });
  child.on('exit', () => {
    gone = true;
    clearTimeout(killTimer);
  });
  return {
    post(frame) {
      if (gone) throw new Error('the process is gone');
      child.postMessage(frame);
    },
    onFrame: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', listener),
    onOutput(listener) {
      for (const stream of [child.stdout, child.stderr]) {
        if (stream !== null) createInterface({ input: stream }).on('line', listener);
      }
    },
    cpuSeconds: () => (gone || child.pid === undefined ? undefined : processStat(child.pid)?.cpuSeconds),
    kill() {
      if (gone) return;
      const { pid } = child;
      child.kill();
      killTimer ??= setTimeout(() => {
        if (!gone && pid !== undefined) process.kill(pid, 'SIGKILL');
      }, killAfter);
    },
  };
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, computePriority);
  } catch {
    // The process has gone already, or the system does not allow it: the work is the same, only less polite.
  }
}
