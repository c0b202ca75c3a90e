/**
 * The ranks of a whole model under a rule, fast enough to follow a dragged slider: running sums are made once a matrix,
 * then every change of the rule is a binary search each. The rule itself is the contract's, shared with the engine.
 */
import type { MatrixSpectrum } from '../../src-main/contract/analysis.ts';
import type { TargetMatrix } from '../../src-main/contract/model.ts';
import {
  cumulativeSums,
  equalBudgetLoraRank,
  loraParameters,
  ranksFor,
  saraParameters,
  type Measure,
  type RankedMatrix,
  type RankRule,
} from '../../src-main/contract/rank.ts';

/** What a rule makes of a model. Entries of matrices that are not analysed yet are NaN. */
export interface RankOutcome {
  /** k of each target matrix. */
  readonly ranks: Float64Array;
  /** Trainable parameters of each target matrix. */
  readonly parameters: Float64Array;
  /** k / min(d_out, d_in). */
  readonly shares: Float64Array;
  /** Share of the measure that k reaches. */
  readonly reached: Float64Array;
  /** True where floor, cap or the layer's mean decided instead of the plain rule. */
  readonly bounded: readonly boolean[];
  readonly trainable: number;
  /** Values in the file of the adapter. */
  readonly stored: number;
  readonly known: number;
}

/** What an adapter of rank k on one matrix takes. */
export interface AdapterCost {
  readonly trainable: (shape: readonly [number, number], k: number) => number;
  /** Values in its file: frozen singular vectors are written too. */
  readonly stored: (shape: readonly [number, number], k: number) => number;
}
const saraCost: AdapterCost = { trainable: saraParameters, stored: saraParameters };

/** Which matrices get an adapter, and of which method; all and SARA where left out. */
export interface Adapted {
  readonly modules?: ReadonlySet<string> | undefined;
  readonly layers?: ReadonlySet<number> | undefined;
  readonly cost?: AdapterCost | undefined;
}

export class RankTable {
  readonly targets: readonly TargetMatrix[];
  readonly #index: ReadonlyMap<string, number>;
  readonly #spectra: (MatrixSpectrum | undefined)[];
  readonly #ranked: (RankedMatrix | undefined)[];
  #known = 0;

  constructor(targets: readonly TargetMatrix[]) {
    this.targets = targets;
    this.#index = new Map(targets.map((target, i) => [target.name, i]));
    this.#spectra = new Array<MatrixSpectrum | undefined>(targets.length).fill(undefined);
    this.#ranked = new Array<RankedMatrix | undefined>(targets.length).fill(undefined);
  }

  get known(): number {
    return this.#known;
  }

  get complete(): boolean {
    return this.#known === this.targets.length && this.#known > 0;
  }

  indexOf(name: string): number {
    return this.#index.get(name) ?? -1;
  }

  spectrum(matrix: number): MatrixSpectrum | undefined {
    return this.#spectra[matrix];
  }

  /** Running sums of a matrix; undefined while it is not analysed. */
  cumulative(matrix: number, measure: Measure): Float64Array | undefined {
    return this.#ranked[matrix]?.cumulative[measure];
  }

  /** Takes in a spectrum; one of a matrix that is no target is left out. */
  add(spectrum: MatrixSpectrum): void {
    const i = this.indexOf(spectrum.name);
    if (i < 0) return;
    if (this.#spectra[i] === undefined) this.#known++;
    this.#spectra[i] = spectrum;
    this.#ranked[i] = {
      layer: spectrum.layer,
      shape: spectrum.shape,
      cumulative: cumulativeSums(spectrum.singularValues),
    };
  }

  /**
   * k, parameters and share of every matrix under a rule.
   * @param adapted matrices without an adapter count nothing
   */
  apply(rule: RankRule, adapted: Adapted = {}): RankOutcome {
    const { cost = saraCost } = adapted;
    const count = this.targets.length;
    const ranks = new Float64Array(count).fill(NaN);
    const parameters = new Float64Array(count).fill(NaN);
    const shares = new Float64Array(count).fill(NaN);
    const reached = new Float64Array(count).fill(NaN);
    const bounded = new Array<boolean>(count).fill(false);
    const present: number[] = [];
    const matrices: RankedMatrix[] = [];
    this.#ranked.forEach((matrix, i) => {
      if (!matrix || !isChosen(this.targets[i], adapted)) return;
      present.push(i);
      matrices.push(matrix);
    });
    const decided = ranksFor(matrices, rule);
    const limited = rule.floor !== undefined || rule.cap !== undefined;
    const plain = limited ? ranksFor(matrices, { ...rule, floor: undefined, cap: undefined }) : decided;
    let trainable = 0;
    let stored = 0;
    present.forEach((i, at) => {
      const matrix = matrices[at];
      const k = decided[at] ?? 1;
      if (!matrix) return;
      const sums = matrix.cumulative[rule.measure];
      const total = sums[sums.length - 1] ?? 0;
      ranks[i] = k;
      shares[i] = k / Math.min(matrix.shape[0], matrix.shape[1]);
      reached[i] = total > 0 ? (sums[k - 1] ?? 0) / total : 1;
      const own = cost.trainable(matrix.shape, k);
      parameters[i] = own;
      trainable += own;
      stored += cost.stored(matrix.shape, k);
      bounded[i] = limited && k !== plain[at];
    });
    return { ranks, parameters, shares, reached, bounded, trainable, stored, known: this.#known };
  }

  /** The LoRA rank with the nearest trainable count not above a budget. */
  loraRankFor(budget: number, adapted: Adapted = {}): number {
    return equalBudgetLoraRank(
      this.targets.filter((target) => isChosen(target, adapted)).map((target) => target.shape),
      budget,
    );
  }

  /** Trainable parameters of LoRA with one rank for all. */
  loraBudget(rank: number, adapted: Adapted = {}): number {
    return this.targets.reduce(
      (total, target) => total + (isChosen(target, adapted) ? loraParameters(target.shape, rank) : 0),
      0,
    );
  }

  /**
   * The largest threshold whose trainable count is not above a budget, by bisection (the count never falls as m grows).
   * @returns undefined while the analysis is incomplete, or when no threshold reaches the budget or keeps to it
   */
  thresholdFor(budget: number, rule: RankRule, adapted: Adapted = {}): number | undefined {
    if (!this.complete) return undefined;
    const trainable = (threshold: number): number => this.apply({ ...rule, threshold }, adapted).trainable;
    let low: number = thresholdRange.minimum;
    let high: number = thresholdRange.maximum;
    if (trainable(low) > budget) return undefined;
    if (trainable(high) <= budget) return undefined;
    for (let i = 0; i < 40; i++) {
      const middle = Math.sqrt(low * high);
      if (trainable(middle) <= budget) low = middle;
      else high = middle;
    }
    return low;
  }
}

function isChosen(target: TargetMatrix | undefined, { modules, layers }: Adapted): boolean {
  return (
    target !== undefined &&
    (modules === undefined || modules.has(target.module)) &&
    (layers === undefined || layers.has(target.layer))
  );
}

/** The thresholds the slider offers; it moves by ratio, since ranks grow that way. */
export const thresholdRange = { minimum: 0.001, maximum: 1 } as const;

export function thresholdAt(position: number): number {
  const { minimum, maximum } = thresholdRange;
  return minimum * (maximum / minimum) ** Math.min(1, Math.max(0, position));
}

export function positionOf(threshold: number): number {
  const { minimum, maximum } = thresholdRange;
  const clamped = Math.min(maximum, Math.max(minimum, threshold));
  return Math.log(clamped / minimum) / Math.log(maximum / minimum);
}

/** A threshold as the slider sets it: three figures, so that what is shown is what is used. */
export function tidyThreshold(threshold: number): number {
  const { minimum, maximum } = thresholdRange;
  return Math.min(maximum, Math.max(minimum, Number(threshold.toPrecision(3))));
}
