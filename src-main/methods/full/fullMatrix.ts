import type { TargetMatrix } from '../../contract/model.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { AppError } from '../../util/appError.ts';
import type { MatrixAdapter, Parameter, PlannedMatrix } from '../types.ts';

/** A linear map whose weight, and bias where it has one, are trained: ΔW = W − W0. */
export class FullMatrix implements MatrixAdapter {
  readonly matrix: TargetMatrix;
  readonly rank: number;
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly parameters: readonly Parameter[];
  readonly frozen = [];
  readonly mergeable = true;
  readonly needsWeight = true;
  readonly #k: Kernels;

  /** Takes over the parameters. */
  constructor(kernels: Kernels, planned: PlannedMatrix, weight: Parameter, bias: Parameter | undefined) {
    const { name, layer, module, shape, rank } = planned;
    this.#k = kernels;
    this.matrix = { name, layer, module, shape };
    this.rank = rank;
    this.weight = weight;
    this.bias = bias;
    this.parameters = bias === undefined ? [weight] : [weight, bias];
  }

  /** @throws AppError INTERNAL without W0 */
  delta(weight?: TensorId): TensorId {
    if (weight === undefined) throw new AppError('INTERNAL', `ΔW of ${this.matrix.name} needs the weight itself.`);
    return this.#k.sub(this.weight.value, weight);
  }

  factors(): undefined {
    return undefined;
  }
}
