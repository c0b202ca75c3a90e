/** The processes of one app, told from those of others by the environment that they inherit. */
import { readdirSync, readFileSync } from 'node:fs';

/** Numbers of the living processes whose `SARA_HOME` is this folder; proc(5), so on Linux alone. */
export function processesOf(home: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    return Number.isInteger(pid) && pid !== process.pid && belongsTo(pid, home) ? [pid] : [];
  });
}

function belongsTo(pid: number, home: string): boolean {
  try {
    return readFileSync(`/proc/${String(pid)}/environ`, 'latin1')
      .split('\0')
      .includes(`SARA_HOME=${home}`);
  } catch {
    // It has just ended.
    return false;
  }
}

/** Waits until none of the processes of an app is left; gives those that still live after the time. */
export async function remainingAfter(
  seconds: number,
  home: string,
  among = (_pid: number): boolean => true,
): Promise<number[]> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    const left = processesOf(home).filter(among);
    if (left.length === 0 || performance.now() > until) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
