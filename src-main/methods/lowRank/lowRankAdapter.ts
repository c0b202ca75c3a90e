import type { TargetMatrix } from '../../contract/model.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { createParameter } from '../parameter.ts';
import type { MatrixAdapter, Parameter, PlannedMatrix } from '../types.ts';

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
}

/** ΔW = c · B diag(λ) A with A [k, d_in], λ [k], B [d_out, k]; without λ, ΔW = c · B A. */
export class LowRankAdapter implements MatrixAdapter {
  readonly matrix: TargetMatrix;
  readonly rank: number;
  readonly scaling: number;
  readonly A: Parameter;
  readonly B: Parameter;
  readonly lambda: Parameter | undefined;
  readonly parameters: readonly Parameter[];
  readonly frozen = [];
  readonly mergeable = true;
  readonly #k: Kernels;

  constructor(kernels: Kernels, planned: PlannedMatrix, start: LowRankStart, settings: LowRankSettings) {
    const { name, layer, module, shape, rank } = planned;
    const [out, into] = shape;
    this.#k = kernels;
    this.matrix = { name, layer, module, shape };
    this.rank = rank;
    this.scaling = settings.scaling;
    this.A = createParameter(kernels, `${name}.A`, [rank, into], start.A);
    this.B = createParameter(kernels, `${name}.B`, [out, rank], start.B);
    this.lambda =
      start.lambda &&
      createParameter(kernels, `${name}.lambda`, [rank], start.lambda, settings.lambdaLearningRateMultiplier);
    this.parameters = this.lambda === undefined ? [this.A, this.B] : [this.A, this.lambda, this.B];
  }

  delta(): TensorId {
    const { left, right } = this.factors();
    return this.#k.matMul(this.#k.take(left), this.#k.take(right));
  }

  factors(): { readonly left: TensorId; readonly right: TensorId } {
    const k = this.#k;
    const scaled = k.scale(this.B.value, this.scaling);
    return {
      left: this.lambda === undefined ? scaled : k.mul(k.take(scaled), this.lambda.value),
      right: k.scale(this.A.value, 1),
    };
  }
}
