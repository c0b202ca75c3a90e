import type { MosaraConfig } from '../../contract/methods.schema.ts';
import type { TruncatedSvd } from '../../svd/truncatedSvd.ts';
import type { Rng } from '../../util/rng.ts';
import { normal } from '../lowRank/starts.ts';
import type { PlannedMatrix } from '../types.ts';

/** Standard deviations of the router's values, and of what sets the λ_i apart. */
const routerDeviation = 0.02;
const lambdaDeviation = 0.05;

/** Start values of one matrix, row-major. */
export interface MosaraStart {
  /** [d_out, k] and [k, d_in], frozen */
  readonly U: Float32Array;
  readonly Vt: Float32Array;
  /** n */
  readonly sets: number;
  /** [n, k] */
  readonly lambda: Float32Array;
  readonly router:
    | { readonly form: 'linear'; /** [n, k] */ readonly Wg: Float32Array }
    | { readonly form: 'rank1'; /** [k] */ readonly w1: Float32Array; /** [n] */ readonly W2: Float32Array };
  /** [d_out]; absent where it is fixed at 1. */
  readonly v: Float32Array | undefined;
}

/**
 * ΔW = 0 in both forms. With a vector over the outputs, v = 0 and λ_i = (s_1 … s_k) / s_1 with noise that sets the n
 * sets apart; without one, λ_i = 0, and the router's random values are what sets them apart.
 * @param svd of the weight; its vectors are taken over
 */
export function mosaraStart(
  { sets, router, output }: MosaraConfig,
  { rank: k, shape: [out] }: PlannedMatrix,
  { U, S, Vt }: TruncatedSvd,
  rng: Rng,
): MosaraStart {
  return {
    U,
    Vt,
    sets,
    lambda: output === 'vector' ? noisySets(S, sets, rng) : new Float32Array(sets * k),
    router:
      router === 'linear'
        ? { form: 'linear', Wg: normal(rng, sets * k, routerDeviation) }
        : { form: 'rank1', w1: normal(rng, k, routerDeviation), W2: normal(rng, sets, routerDeviation) },
    v: output === 'vector' ? new Float32Array(out) : undefined,
  };
}

function noisySets(S: Float32Array, sets: number, rng: Rng): Float32Array {
  const k = S.length;
  const largest = S[0] ?? 0;
  // With λ = 0 and v = 0 no gradient would ever flow: an all-zero matrix starts from ones.
  return normal(rng, sets * k, lambdaDeviation).map(
    (noise, i) => noise + (largest > 0 ? (S[i % k] ?? 0) / largest : 1),
  );
}
