import { readdirSync, readFileSync } from 'node:fs';

/**
 * Sum of the largest resident sizes of a process and its children, in bytes; undefined where there is no /proc.
 * Nothing shared is counted twice on the sides measured here: each is a single process.
 */
export function peakOfTree(pid: number): number | undefined {
  const own = peakOf(pid);
  if (own === undefined) return undefined;
  return childrenOf(pid).reduce((sum, child) => sum + (peakOfTree(child) ?? 0), own);
}

function peakOf(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
