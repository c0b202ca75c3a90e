/** Of repeated measurements. Pure. */

export interface Summary {
  readonly samples: readonly number[];
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

/** How the engine compares with the peer: a quotient that is better when it is larger, or when it is smaller. */
export interface Ratio {
  /** Of the best sample of each side. */
  readonly ofBest: number;
  readonly ofMedians: number;
  /** Lowest and highest quotient of samples taken one after the other. */
  readonly low: number;
  readonly high: number;
}

/** `rate`: more is better; `cost`: less is better. */
export type Kind = 'rate' | 'cost';

/** @throws RangeError without samples, or for one that is not a finite number */
export function summarise(samples: readonly number[]): Summary {
  if (samples.length === 0 || !samples.every(Number.isFinite)) {
    throw new RangeError(`No summary of ${JSON.stringify(samples)}.`);
  }
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
  return { samples, minimum: sorted[0] ?? NaN, median, maximum: sorted.at(-1) ?? NaN };
}

/** ours / peer. @throws RangeError when the sides do not have a sample for each round */
export function ratioOf(ours: Summary, peer: Summary, kind: Kind): Ratio {
  if (ours.samples.length !== peer.samples.length) {
    throw new RangeError(`${ours.samples.length} samples cannot be paired with ${peer.samples.length}.`);
  }
  const pairs = ours.samples.map((own, i) => own / (peer.samples[i] ?? NaN));
  return {
    ofBest: kind === 'rate' ? ours.maximum / peer.maximum : ours.minimum / peer.minimum,
    ofMedians: ours.median / peer.median,
    low: Math.min(...pairs),
    high: Math.max(...pairs),
  };
}

/** (largest − smallest) / median; 0 where all samples are the same. */
export function spreadOf({ minimum, median, maximum }: Summary): number {
  return maximum === minimum ? 0 : (maximum - minimum) / median;
}
