/** A row as it was on other machines: a processor may favour either side. Pure. */
import type { Machine, MeasuredElsewhere, RowResult } from './results.ts';

/** A new result with what an older one says of other machines, each by its last measurement there. */
export function withElsewhere(fresh: RowResult, kept: RowResult | undefined): RowResult {
  const others = kept === undefined ? [] : [measurementOf(kept), ...(kept.elsewhere ?? [])];
  const elsewhere = others.filter(({ machine }) => !isSame(machine, fresh.machine));
  return elsewhere.length === 0 ? fresh : { ...fresh, elsewhere };
}

/** What a new result is to be compared with: the one of the same machine, else the newest. */
export function resultToCompare(kept: RowResult, machine: Machine): MeasuredElsewhere {
  return [kept, ...(kept.elsewhere ?? [])].find((one) => isSame(one.machine, machine)) ?? kept;
}

/** Machines of the same processor, number of cores and GPU are one. */
function isSame(a: Machine, b: Machine): boolean {
  return machineName(a) === machineName(b);
}

/** `A processor (2 cores)` */
export function machineName({ cpu, cores, gpu }: Machine): string {
  return `${cpu} (${cores} cores${gpu === null ? '' : `, ${gpu}`})`;
}

function measurementOf({ date, commit, machine, comparisons }: RowResult): MeasuredElsewhere {
  return { date, commit, machine, comparisons };
}
