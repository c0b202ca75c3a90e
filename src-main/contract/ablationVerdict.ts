/** What a finished ablation allows to be said: computed from its probes, never by hand. Pure. */
import type { AblationResult, AblationRow, Probe, ProbeCell } from './studies.ts';

/** A method against the reference, each at its best learning rate, over the seeds that both have. */
export interface AblationComparison {
  readonly label: string;
  readonly reference: string;
  /** Mean over seeds of own loss − reference’s loss, nats per token; less than 0 is better. */
  readonly difference: number;
  /** 95 % interval of the difference (paired t); absent for fewer than two seeds. */
  readonly interval?: readonly [number, number];
  readonly seeds: number;
  /** Its trainable parameters over those of the reference. */
  readonly parameters: number;
  /** `better` and `worse` only where the interval leaves 0 out. */
  readonly verdict: 'better' | 'worse' | 'undecided';
}

/** 97.5 % quantiles of Student’s t for 1, 2, … degrees of freedom. */
const studentQuantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** The cell of a method with the least mean; undefined until there is one. */
export function bestOf({ cells, best }: AblationRow): ProbeCell | undefined {
  return best === undefined ? undefined : cells[best];
}

/** Whether the best learning rate is the smallest or largest tried, so that a better one may lie outside. */
export function atEdge({ cells, best }: AblationRow): boolean {
  const tried = cells.filter(({ probes }) => probes.length > 0);
  const own = best === undefined ? undefined : cells[best];
  return own !== undefined && tried.length > 1 && (own === tried[0] || own === tried.at(-1));
}

/** Every other method against the reference; methods without a finished cell are left out. */
export function compareMethods({ rows, settings }: AblationResult): AblationComparison[] {
  const reference = rows.find(({ label }) => label === settings.reference) ?? rows[0];
  const cell = reference && bestOf(reference);
  if (reference === undefined || cell === undefined) return [];
  return rows.flatMap((row) => {
    const own = bestOf(row);
    if (row === reference || own === undefined) return [];
    const differences = own.probes.flatMap((probe) => differenceTo(probe, cell.probes));
    const parameters = (own.probes[0]?.trainable ?? NaN) / (cell.probes[0]?.trainable ?? NaN);
    const common = { label: row.label, reference: reference.label, parameters };
    return differences.length === 0 ? [] : [{ ...common, ...verdictOf(differences) }];
  });
}

function differenceTo(probe: Probe, others: readonly Probe[]): number[] {
  const other = others.find(({ seed }) => seed === probe.seed);
  return probe.loss === null || other === undefined || other.loss === null ? [] : [probe.loss - other.loss];
}

function verdictOf(
  differences: readonly number[],
): Pick<AblationComparison, 'difference' | 'interval' | 'seeds' | 'verdict'> {
  const seeds = differences.length;
  const difference = differences.reduce((sum, value) => sum + value, 0) / seeds;
  if (seeds < 2) return { difference, seeds, verdict: 'undecided' };
  const variance = differences.reduce((sum, value) => sum + (value - difference) ** 2, 0) / (seeds - 1);
  const half = (studentQuantiles[seeds - 2] ?? 1.96) * Math.sqrt(variance / seeds);
  const verdict = difference + half < 0 ? 'better' : difference - half > 0 ? 'worse' : 'undecided';
  return { difference, seeds, interval: [difference - half, difference + half], verdict };
}
