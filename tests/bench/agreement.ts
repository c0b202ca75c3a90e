/** Both sides must have computed the same thing before their times mean anything. Pure. */
import type { Outcome, Values } from './jobs.ts';

type Value = Values[string];

/**
 * Compares what both sides state under the same name.
 * @param tolerance largest |a − b| / max(|a|, |b|) of two numbers
 * @returns the largest difference found, by name
 * @throws Error for a larger one, or for lists of different lengths
 */
export function agreement(ours: Values, peer: Values, tolerance: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const [name, own] of Object.entries(ours)) {
    const other = peer[name];
    if (other === undefined) continue;
    const difference = differenceOf(own, other);
    if (!(difference <= tolerance)) {
      throw new Error(
        `The sides do not agree on ${name} (${brief(own)} and ${brief(other)}); nothing was measured of this.`,
      );
    }
    found.set(name, difference);
  }
  return found;
}

/** The largest difference of each value over all rounds. */
export function agreementOfRounds(
  ours: readonly Outcome[],
  peer: readonly Outcome[],
  tolerance: number,
): Map<string, number> {
  const largest = new Map<string, number>();
  for (const [i, { values }] of ours.entries()) {
    for (const [name, difference] of agreement(values, peer[i]?.values ?? {}, tolerance)) {
      largest.set(name, Math.max(difference, largest.get(name) ?? 0));
    }
  }
  return largest;
}

/** `loss 2e-7, gradient norm 3e-6 (at most 1e-3)` */
export function describeAgreement(found: ReadonlyMap<string, number>, tolerance: number): string {
  const parts = [...found].map(([name, difference]) => {
    return `${name} ${difference === 0 ? 'identical' : `within ${difference.toExponential(0)}`}`;
  });
  return `${parts.join(', ')} (allowed ${tolerance === 0 ? 'no difference' : tolerance.toExponential(0)})`;
}

function differenceOf(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') {
    return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
  }
  if (typeof a === 'object' && typeof b === 'object') {
    if (a.length !== b.length) return Infinity;
    return a.reduce((largest, value, i) => Math.max(largest, differenceOf(value, b[i] ?? NaN)), 0);
  }
  return a === b ? 0 : Infinity;
}

function brief(value: Value): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
