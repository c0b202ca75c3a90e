import type { Comparison, Goal } from './results.ts';
import { ratioOf, summarise, type Kind } from './statistics.ts';

interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly kind: Kind;
  readonly ours: readonly number[];
  readonly peer?: readonly number[];
  readonly goal?: Goal;
  readonly checked?: string;
}

/** A comparison from the samples of both sides, or of ours alone. */
export function comparison({ ours, peer, ...rest }: Measured): Comparison {
  const own = summarise(ours);
  if (peer === undefined) return { ...rest, ours: own };
  const other = summarise(peer);
  return { ...rest, ours: own, peer: other, ratio: ratioOf(own, other, rest.kind) };
}

/** Work per second of each round. @param work done in a round, in the unit that is counted */
export function rates(outcomes: readonly { readonly seconds: number }[], work: number): number[] {
  return outcomes.map(({ seconds }) => work / seconds);
}
