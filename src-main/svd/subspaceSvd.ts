import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { AppError } from '../util/appError.ts';
import { diagonal } from './diagonal.ts';
import { batchMatMul64, cholesky64, eigenvectors64, solveLower64, toFloat32, toFloat64 } from './float64.ts';
import { singularValues } from './singularValues.ts';

/** Singular triplets with their vectors as columns, row-major float32. */
export interface ColumnSvd {
  /** [d_out, k] */
  readonly U: Float32Array;
  /** [k], descending */
  readonly S: Float32Array;
  /** [d_in, k] */
  readonly V: Float32Array;
}

/** Largest ‖W v − σ u‖ / σ₁ that passes; an SVD in float32 leaves about 1e-6. */
const residualBound = 4e-6;
/** Largest difference from the known values over σ₁: about ten units in the last place. */
const valueBound = 1e-6;
/** ln of how far filters raise the last wanted vector over the first unwanted one. */
const wantedGain = Math.log(1e8);
/** ln of how far one sweep may draw vectors apart: float32 and a Cholesky decomposition in float64 can still part them. */
const largestSpread = Math.log(1e6);
/** Products are fastest where the columns of a block fill the processor's registers. */
const lanes = 16;
/** A direct method is as fast where the matrix is small, many vectors are wanted or the gap behind them is narrow. */
const smallestSize = 96;
const largestShare = 1 / 2;
const highestDegree = 96;
/** Below this σ_k / σ₁ the Gram matrix in float32 would decide the residual. */
const smallestRatio = 0.05;
/** Times that a residual is too large before the work is left to a direct method. */
const mostRounds = 3;
const seed: readonly [number, number] = [2408, 3290];

/**
 * The leading singular triplets of W by randomised subspace iteration, checked: a random block somewhat wider than k is
 * multiplied with Chebyshev polynomials of the smaller Gram matrix, which are small on the squares of all unwanted
 * values and grow fastest beyond (Zhou, Saad et al. 2006), made orthonormal, and cut by Rayleigh–Ritz with W itself.
 * Nearly all of this are products of matrices. Since the singular values are known, so are interval and degree, and a
 * result passes only when its values are the known ones and ‖W v − σ u‖ is what a direct method would leave.
 * @param W float32 [d_out, d_in], borrowed
 * @param given all singular values of W, descending; worked out where they are needed and not given
 * @returns undefined where a direct method is as fast, or the check fails
 */
export function subspaceSvd(
  k: Kernels,
  W: TensorId,
  shape: readonly [number, number],
  rank: number,
  given?: Float32Array,
): ColumnSvd | undefined {
  const size = Math.min(...shape);
  const width = lanes * Math.ceil((1.25 * rank + 16) / lanes);
  if (size < smallestSize || width > largestShare * size) return undefined;
  const known = given ?? singularValues(k, W, shape);
  const plan = planFilters(known, rank, width);
  if (plan === undefined) return undefined;
  try {
    return k.scope(() => iterate(k, W, shape, { rank, width, known, plan }));
  } catch (error) {
    // Cholesky's kernel throws where squares leave the range of float32; a direct method does not square in it.
    if (error instanceof AppError && error.code === 'INTERNAL') return undefined;
    throw error;
  }
}

interface Iteration {
  readonly rank: number;
  /** Columns of the block. */
  readonly width: number;
  readonly known: Float32Array;
  readonly plan: FilterPlan;
}

function iterate(
  k: Kernels,
  W: TensorId,
  shape: readonly [number, number],
  { rank, width, known, plan }: Iteration,
): ColumnSvd | undefined {
  const filter = filterMatrix(k, W, shape, plan.edge);
  const random = k.randomUniform([Math.min(...shape), width], seed);
  let block = k.shift(k.take(random), -0.5);
  let { degree } = plan;
  let result: ReturnType<typeof rayleighRitz> | undefined;
  for (let round = 0; round < mostRounds && degree <= highestDegree; round += 1) {
    block = filtered(k, filter, block, { width, degree, perSweep: plan.degreePerSweep });
    result = rayleighRitz(k, W, shape, block, { width, rank });
    const residual = result.residual / (known[0] ?? NaN);
    if (residual <= residualBound) break;
    degree = Math.ceil((Math.log(residual / residualBound) + 1) / plan.growth);
    result = undefined;
  }
  k.free(filter, block);
  return result !== undefined && agrees(result.S, known) ? result : undefined;
}

interface FilterPlan {
  /** The square of the first value that the block has no room for. */
  readonly edge: number;
  /** ln of what a degree gains for the last wanted vector. */
  readonly growth: number;
  readonly degree: number;
  /** Degrees between two orthonormalisations. */
  readonly degreePerSweep: number;
}

/** From T_d(x) = cosh(d arcosh x) at x = 2 σ² / edge − 1. */
function planFilters(known: Float32Array, rank: number, width: number): FilterPlan | undefined {
  const [largest, last, first] = [known[0] ?? 0, known[rank - 1] ?? 0, known[width] ?? 0];
  if (!(first > 0) || last < smallestRatio * largest) return undefined;
  const growthOf = (s: number): number => Math.acosh(2 * (s / first) ** 2 - 1);
  const growth = growthOf(last);
  const degree = Math.ceil(wantedGain / growth);
  const degreePerSweep = Math.floor(largestSpread / growthOf(largest));
  if (!(degree <= highestDegree) || degreePerSweep < 1) return undefined;
  return { edge: first ** 2, growth, degree, degreePerSweep };
}

/** F = 2 (2 G / edge − I) of the smaller Gram matrix G. */
function filterMatrix(k: Kernels, W: TensorId, [out, into]: readonly [number, number], edge: number): TensorId {
  const tall = out > into;
  const gram = k.matMul(W, W, tall, !tall);
  const scaled = k.scale(k.take(gram), 4 / edge);
  const identity = diagonal(k, Math.min(out, into), 2);
  return k.sub(k.take(scaled), k.take(identity));
}

/** An orthonormal basis of what T_degree makes of a block [size, width]. @param block consumed */
function filtered(
  k: Kernels,
  filter: TensorId,
  block: TensorId,
  { width, degree, perSweep }: { readonly width: number; readonly degree: number; readonly perSweep: number },
): TensorId {
  let current = block;
  for (let left = degree; left > 0; left -= perSweep) {
    current = orthonormal(k, chebyshev(k, filter, current, Math.min(left, perSweep)), width);
  }
  // The first time is as good as the condition of the block allows, the second as float32 does.
  return orthonormal(k, current, width);
}

/** T₀ = Y, T₁ = F Y / 2, T_{j+1} = F T_j − T_{j−1}. @param Y consumed */
function chebyshev(k: Kernels, filter: TensorId, Y: TensorId, degree: number): TensorId {
  // The kernel of batches takes half the time of the plain one where there are few columns, here and below.
  const first = k.batchMatMul(filter, Y);
  let before = Y;
  let current = k.scale(k.take(first), 0.5);
  for (let j = 1; j < degree; j += 1) {
    const product = k.batchMatMul(filter, current);
    const next = k.sub(k.take(product), k.take(before));
    before = current;
    current = next;
  }
  k.free(before);
  return current;
}

/** Y L⁻ᵀ, where Yᵀ Y = L Lᵀ, in float64. @param Y [size, width], consumed */
function orthonormal(k: Kernels, Y: TensorId, width: number): TensorId {
  const wide = toFloat64(k, k.take(Y));
  const gram = batchMatMul64(k, wide, wide, true, false);
  const L = cholesky64(k, k.take(gram));
  const identity = toFloat64(k, k.take(diagonal(k, width, 1)));
  const inverse = solveLower64(k, k.take(L), k.take(identity));
  const basis = batchMatMul64(k, k.take(wide), k.take(inverse), false, true);
  return toFloat32(k, k.take(basis));
}

/**
 * The best triplets of W within the span of Q. With R the eigenvectors of Zᵀ Z, Z = Wᵀ Q (W Q where W is tall), σ² are
 * the eigenvalues, Q R the vectors of the smaller side and Z R / σ those of the other.
 * @param Q [size, width], orthonormal, borrowed
 */
function rayleighRitz(
  k: Kernels,
  W: TensorId,
  [out, into]: readonly [number, number],
  Q: TensorId,
  { width, rank }: { readonly width: number; readonly rank: number },
): ColumnSvd & { readonly residual: number } {
  const tall = out > into;
  const Z = k.batchMatMul(W, Q, !tall);
  const wide = toFloat64(k, Z);
  const gram = batchMatMul64(k, wide, wide, true, false);
  k.free(wide);
  const { values, vectors } = eigenvectors64(k, k.take(gram)); // ascending
  const squares = download(k, toFloat32(k, k.take(values)));
  const S = Float32Array.from({ length: rank }, (_, j) => Math.sqrt(Math.max(0, squares[width - 1 - j] ?? 0)));
  const ascending = k.slice(k.take(toFloat32(k, k.take(vectors))), [0, width - rank], [width, rank]);
  const R = k.reverse(k.take(ascending), 1);
  const sigma = k.upload(S.slice(), [rank]);
  const own = k.batchMatMul(Q, R);
  const scaled = k.batchMatMul(k.take(Z), k.take(R));
  const other = k.div(k.take(scaled), sigma);
  const residual = largestDifference(k, k.batchMatMul(W, other, tall), k.mul(own, k.take(sigma)));
  const [ownValues, otherValues] = [download(k, own), download(k, other)];
  const [U, V] = tall ? [otherValues, ownValues] : [ownValues, otherValues];
  return { U, S, V, residual };
}

/** The largest ‖a_j − b_j‖ of columns. @param a, b consumed */
function largestDifference(k: Kernels, a: TensorId, b: TensorId): number {
  const difference = k.sub(k.take(a), k.take(b));
  const squared = k.square(k.take(difference));
  const sums = download(k, k.sum(k.take(squared), [0]));
  return Math.sqrt(sums.reduce((most, sum) => (sum <= most ? most : sum), 0));
}

/** @param tensor consumed */
function download(k: Kernels, tensor: TensorId): Float32Array {
  const data = k.download(tensor);
  k.free(tensor);
  return data;
}

function agrees(S: Float32Array, known: Float32Array): boolean {
  const bound = valueBound * (known[0] ?? 0);
  return S.every((s, j) => Math.abs(s - (known[j] ?? NaN)) <= bound);
}
