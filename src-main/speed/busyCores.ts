import os from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

/** Share of all cores, 0 to 1, that programs of any kind keep at work over a while. */
export async function busyCores(milliseconds = 1000): Promise<number> {
  const before = workOf(os.cpus());
  await wait(milliseconds);
  const after = workOf(os.cpus());
  const all = after.all - before.all;
  return all > 0 ? 1 - (after.idle - before.idle) / all : 0;
}

/** Milliseconds of all cores since the start of the computer. */
function workOf(cores: readonly os.CpuInfo[]): { readonly idle: number; readonly all: number } {
  let idle = 0;
  let all = 0;
  for (const { times } of cores) {
    idle += times.idle;
    for (const time of Object.values(times)) all += time;
  }
  return { idle, all };
}
