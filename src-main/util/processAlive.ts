import { processStat } from './processStat.ts';

/**
 * Whether a process of this computer is alive. One that has ended and whose parent has not asked for its exit code
 * (a zombie, proc(5)) is not: where nobody asks, as in some containers, it is listed for ever.
 */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return processStat(pid)?.state !== 'Z';
}
