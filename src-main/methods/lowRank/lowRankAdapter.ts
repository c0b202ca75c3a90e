import type { TargetMatrix } from '../../contract/model.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { createParameter, createPart } from '../parameter.ts';
import type { AdapterPart, MatrixAdapter, Parameter, PlannedMatrix } from '../types.ts';

/** Start values, row-major. */
export interface LowRankStart {
  /** [k, d_in] */
  readonly A: Float32Array;
  /** [d_out, k] */
  readonly B: Float32Array;
  /** [k]; absent where the method has no λ. */
  readonly lambda?: Float32Array;
}

export interface LowRankSettings {
  /** c */
  readonly scaling: number;
  readonly lambdaLearningRateMultiplier?: number;
  /** ΔW counts from the start values A₀ and B₀, which are kept: ΔW = c · (B A − B₀ A₀). For methods without λ. */
  readonly fromStart?: boolean;
  /** Triplets whose λ is exactly 0 are left out of the factors of ΔW, save one. */
  readonly dropsZeros?: boolean;
}

/** Start values that ΔW counts from. */
export interface LowRankOrigin {
  readonly A: AdapterPart;
  readonly B: AdapterPart;
}

/**
 * ΔW = c · B diag(λ) A with A [k, d_in], λ [k], B [d_out, k]; without λ, ΔW = c · B A. With an origin,
 * ΔW = c · (B A − B₀ A₀) = c · ((B − B₀) A + B₀ (A − A₀)): in this form it is exactly 0 at the start and small changes
 * keep all their digits.
 */
export class LowRankAdapter implements MatrixAdapter {
  readonly matrix: TargetMatrix;
  readonly rank: number;
  readonly scaling: number;
  readonly A: Parameter;
  readonly B: Parameter;
  readonly lambda: Parameter | undefined;
  readonly origin: LowRankOrigin | undefined;
  readonly parameters: readonly Parameter[];
  readonly frozen: readonly AdapterPart[];
  readonly mergeable = true;
  readonly #k: Kernels;
  readonly #dropsZeros: boolean;

  constructor(kernels: Kernels, planned: PlannedMatrix, start: LowRankStart, settings: LowRankSettings) {
    const { name, layer, module, shape, rank } = planned;
    const [out, into] = shape;
    this.#k = kernels;
    this.matrix = { name, layer, module, shape };
    this.rank = rank;
    this.scaling = settings.scaling;
    this.#dropsZeros = settings.dropsZeros === true;
    this.A = createParameter(kernels, `${name}.A`, [rank, into], start.A);
    this.B = createParameter(kernels, `${name}.B`, [out, rank], start.B);
    this.lambda =
      start.lambda &&
      createParameter(kernels, `${name}.lambda`, [rank], start.lambda, settings.lambdaLearningRateMultiplier);
    this.parameters = this.lambda === undefined ? [this.A, this.B] : [this.A, this.lambda, this.B];
    this.origin =
      settings.fromStart === true
        ? {
            A: createPart(kernels, `${name}.A0`, [rank, into], start.A),
            B: createPart(kernels, `${name}.B0`, [out, rank], start.B),
          }
        : undefined;
    this.frozen = this.origin === undefined ? [] : [this.origin.A, this.origin.B];
  }

  delta(): TensorId {
    const { left, right } = this.factors();
    return this.#k.matMul(this.#k.take(left), this.#k.take(right));
  }

  factors(): { readonly left: TensorId; readonly right: TensorId } {
    const k = this.#k;
    if (this.origin !== undefined) return this.#factorsFrom(this.origin);
    const scaled = k.scale(this.B.value, this.scaling);
    const left = this.lambda === undefined ? scaled : k.mul(k.take(scaled), this.lambda.value);
    const rows = this.#dropsZeros ? this.#livingRows() : undefined;
    if (rows === undefined) return { left, right: k.scale(this.A.value, 1) };
    const indexes = k.uploadInts(rows);
    return { left: k.gather(k.take(left), indexes, 1), right: k.gather(this.A.value, k.take(indexes)) };
  }

  /** Triplets with λ ≠ 0; undefined when that is all of them. */
  #livingRows(): Int32Array | undefined {
    if (this.lambda === undefined) return undefined;
    const values = this.#k.download(this.lambda.value);
    const living = [...values.keys()].filter((i) => values[i] !== 0);
    if (living.length === values.length) return undefined;
    // A product needs at least one column; with λ = 0 it adds nothing.
    return Int32Array.from(living.length === 0 ? [0] : living);
  }

  /** c [B − B₀ | B₀] and [A ; A − A₀] */
  #factorsFrom(origin: LowRankOrigin): { readonly left: TensorId; readonly right: TensorId } {
    const k = this.#k;
    const changeOfB = k.sub(this.B.value, origin.B.value);
    const changeOfA = k.sub(this.A.value, origin.A.value);
    const left = k.concat([changeOfB, origin.B.value], 1);
    const right = k.concat([this.A.value, changeOfA], 0);
    k.free(changeOfA, changeOfB);
    return { left: k.scale(k.take(left), this.scaling), right };
  }
}
