import { spawn } from 'node:child_process';
import type { MeasuredRate } from '../contract/speed.ts';
import { threadVariables } from '../speed/threadVariables.ts';
import { AppError, cancelled } from '../util/appError.ts';

/**
 * Measures in a process of its own that is started with so many threads: this very program with `doctor --rate`.
 * @throws AppError CANCELLED, ENGINE_STOPPED
 */
export async function measureInChild(threads: number, signal: AbortSignal): Promise<MeasuredRate> {
  const [, program = ''] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, program, 'doctor', '--rate', '--json'], {
    env: { ...process.env, ...threadVariables(threads) },
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
    killSignal: 'SIGKILL',
  });
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (written += piece));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  if (signal.aborted) throw cancelled();
  if (code !== 0) {
    throw new AppError('ENGINE_STOPPED', `The process that measures ended with exit code ${String(code)}.`);
  }
  return JSON.parse(written) as MeasuredRate;
}
