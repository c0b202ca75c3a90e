/** The command line as a process that can be disturbed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

export interface Ended {
  /** Exit code; null when a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  /** Whether the disturbance came before the end. */
  readonly disturbed: boolean;
}

/** Calls `strike` once, at the moment it is made for; gives a function that calls it off. */
export type Disturbance = (strike: () => void) => () => void;

export function afterSeconds(seconds: number): Disturbance {
  return (strike) => {
    const timer = setTimeout(strike, seconds * 1000);
    return () => clearTimeout(timer);
  };
}

/** A little after the n-th unfinished file or folder has appeared in a folder: in the middle of its writing. */
export function whileWriting(folder: string, count: number, delayMilliseconds: number): Disturbance {
  return (strike) => {
    const seen = new Set<string>();
    let there = new Set<string>();
    let timer: NodeJS.Timeout | undefined;
    const look = setInterval(() => {
      const names = unfinishedIn(folder);
      for (const name of names) if (!there.has(name)) seen.add(`${name} ${seen.size}`);
      there = new Set(names);
      if (seen.size < count) return;
      clearInterval(look);
      timer = setTimeout(strike, delayMilliseconds);
    }, 1);
    return () => {
      clearInterval(look);
      clearTimeout(timer);
    };
  };
}

export function unfinishedIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith('.') && name.endsWith('.tmp'));
  } catch {
    return [];
  }
}

export interface Places {
  /** Bundle of the command line. */
  readonly program: string;
  readonly cache: string;
  readonly threads: number;
  /** A script that runs before the program, in its process. */
  readonly before?: string;
}

/** Asks the command line to end, as Ctrl-C does. */
export function askToEnd(child: ChildProcess): void {
  if (child.connected) child.send({ end: true });
}

/**
 * Runs one command line to its end, or to the moment of the disturbance.
 * @param end what is done to it at that moment
 */
export async function runCommand(
  { program, cache, threads, before }: Places,
  parameters: readonly string[],
  disturbance?: Disturbance,
  end: (child: ChildProcess) => void = (child) => void child.kill('SIGKILL'),
): Promise<Ended> {
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    [...(before === undefined ? [] : ['--require', before]), program, ...parameters],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        SARA_CACHE: cache,
        SARA_HOME: path.dirname(cache),
        TF_NUM_INTRAOP_THREADS: String(threads),
        OMP_NUM_THREADS: String(threads),
      },
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // As the program that starts the command line does: it tells its exit code, then ends itself.
  let told: number | undefined;
  child.on('message', (message: { readonly exitCode: number }) => {
    told = message.exitCode;
    child.disconnect();
  });
  let disturbed = false;
  const callOff = disturbance?.(() => {
    disturbed = true;
    end(child);
  });
  // Not `close`: it does not come where the channel was closed from this side.
  const read = [child.stdout, child.stderr].map(
    (stream) => new Promise((resolve) => (stream === null ? resolve(undefined) : stream.on('close', resolve))),
  );
  const [code, endedBy] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (...end) => resolve(end));
  });
  await Promise.all(read);
  callOff?.();
  if (told !== undefined) return { code: told, signal: null, stdout, stderr, seconds: secondsSince(begun), disturbed };
  return { code, signal: endedBy, stdout, stderr, seconds: secondsSince(begun), disturbed };
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1000;
}
