/**
 * The rank rule of SARA and the arithmetic that follows from it. Pure, without dependencies: the engine and the
 * renderer share it, so that a threshold slider moves the whole map without asking the engine.
 * Source: arXiv 2408.03290; the energy measure, granularity, floor and cap are this project's additions.
 */

/** `sum`: share of the plain sum of singular values (the paper's rule). `energy`: share of the sum of their squares. */
export type Measure = 'sum' | 'energy';
/** `matrix`: one k per weight matrix. `layer`: the mean over a layer's target matrices, rounded up. */
export type Granularity = 'matrix' | 'layer';

export interface RankRule {
  /** m, 0 < m ≤ 1: proportion of the measure that the k leading singular values must reach. */
  readonly threshold: number;
  readonly measure: Measure;
  readonly granularity: Granularity;
  /** Smallest and largest k allowed; deviations from the pure rule, marked as such wherever shown. */
  readonly floor?: number | undefined;
  readonly cap?: number | undefined;
}

/** What the rank rule needs of one matrix. `cumulative[i]` = s_1 + … + s_{i+1} (or of squares), float64. */
export interface RankedMatrix {
  readonly layer: number;
  /** [d_out, d_in] */
  readonly shape: readonly [number, number];
  readonly cumulative: Readonly<Record<Measure, Float64Array>>;
}

/** Running sums of singular values and of their squares; s in descending order. */
export function cumulativeSums(singularValues: ArrayLike<number>): Record<Measure, Float64Array> {
  const sum = new Float64Array(singularValues.length);
  const energy = new Float64Array(singularValues.length);
  let plain = 0;
  let squared = 0;
  for (let i = 0; i < singularValues.length; i++) {
    const s = singularValues[i] ?? 0;
    plain += s;
    squared += s * s;
    sum[i] = plain;
    energy[i] = squared;
  }
  return { sum, energy };
}

/**
 * k(m) = min { j : (s_1 + … + s_j) / (s_1 + … + s_p) ≥ m }, 1 ≤ k ≤ p. An all-zero spectrum gives 1.
 * @param cumulative running sums (see {@link cumulativeSums}), length p ≥ 1
 */
export function rankFor(cumulative: Float64Array, threshold: number): number {
  const total = cumulative[cumulative.length - 1] ?? 0;
  if (!(total > 0)) return 1;
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? total) / total >= threshold) high = middle;
    else low = middle + 1;
  }
  return low + 1;
}

/** k of every matrix under a rule, in the order given. */
export function ranksFor(matrices: readonly RankedMatrix[], rule: RankRule): number[] {
  const own = matrices.map((m) => rankFor(m.cumulative[rule.measure], rule.threshold));
  const wanted = rule.granularity === 'matrix' ? own : meanOfLayer(matrices, own);
  return wanted.map((k, i) => {
    const shape = matrices[i]?.shape ?? [1, 1];
    const largest = Math.min(shape[0], shape[1], rule.cap ?? Infinity);
    return Math.max(Math.min(k, largest), Math.min(rule.floor ?? 1, largest), 1);
  });
}

function meanOfLayer(matrices: readonly RankedMatrix[], own: readonly number[]): number[] {
  const byLayer = new Map<number, { total: number; count: number }>();
  matrices.forEach((m, i) => {
    const entry = byLayer.get(m.layer) ?? { total: 0, count: 0 };
    entry.total += own[i] ?? 0;
    entry.count += 1;
    byLayer.set(m.layer, entry);
  });
  return matrices.map((m) => {
    const entry = byLayer.get(m.layer);
    return entry ? Math.ceil(entry.total / entry.count) : 1;
  });
}

/** Trainable parameters of a SARA adapter of rank k: k (d_out + d_in + 1). */
export function saraParameters(shape: readonly [number, number], k: number): number {
  return k * (shape[0] + shape[1] + 1);
}

/** Trainable parameters of a LoRA adapter of rank r: r (d_out + d_in). */
export function loraParameters(shape: readonly [number, number], r: number): number {
  return r * (shape[0] + shape[1]);
}

/** Trainable parameters of a Mo-SARA adapter of rank k: n k of the sets, those of the router, and d_out of the vector. */
export function mosaraParameters(
  [out]: readonly [number, number],
  k: number,
  form: { readonly sets: number; readonly router: 'rank1' | 'linear'; readonly output: 'vector' | 'none' },
): number {
  const router = form.router === 'linear' ? form.sets * k : k + form.sets;
  return form.sets * k + router + (form.output === 'vector' ? out : 0);
}

/** The one LoRA rank for all matrices whose trainable count is the nearest not above `budget` (at least 1). */
export function equalBudgetLoraRank(shapes: readonly (readonly [number, number])[], budget: number): number {
  const perRank = shapes.reduce((total, shape) => total + loraParameters(shape, 1), 0);
  return perRank === 0 ? 1 : Math.max(1, Math.floor(budget / perRank));
}
