import { readFileSync } from 'node:fs';

/** What Linux tells of a process in /proc/PID/stat. */
export interface ProcessStat {
  /** One letter, `Z` for one that has ended and whose parent has not asked for its exit code. */
  readonly state: string;
  /** User and system time in seconds. */
  readonly cpuSeconds: number;
  /** In ticks since the computer started. */
  readonly started: string;
}

/** Ticks of a second, in which proc(5) counts times for programs. */
const ticks = 100;

/** @returns undefined where there is no such process, or no /proc */
export function processStat(pid: number): ProcessStat | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command may hold anything but ends with the last parenthesis; field 3 of proc(5) comes after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): string => fields[number - 3] ?? '';
  return { state: field(3), cpuSeconds: (Number(field(14)) + Number(field(15))) / ticks, started: field(22) };
}
