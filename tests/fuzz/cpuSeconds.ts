import { readFileSync } from 'node:fs';

/** User and system time of a process, fields 14 and 15 of proc(5) in ticks of 1/100 s; 0 where the system does not tell. */
export function cpuSecondsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}
