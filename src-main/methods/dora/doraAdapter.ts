import type { TargetMatrix } from '../../contract/model.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { AppError } from '../../util/appError.ts';
import { createParameter, createPart } from '../parameter.ts';
import type { AdapterPart, DirectionFactors, MatrixAdapter, Parameter, PlannedMatrix } from '../types.ts';

/** Rows shorter than this have no direction to speak of; their length counts as this. */
const shortestRow = 1e-8;

/**
 * ΔW = diag(t) W0 + diag(1 + t) c · B A with 1 + t = m / ‖W0 + c · B A‖, the norm being that of each row. With n the
 * norms of W0 and q what c · B A adds to their squares, relative to them,
 *
 *     q = (2 c b·(W0 aᵀ) + c² b (A Aᵀ) bᵀ) / n²,   r = √(1 + q),   t = (m − n − n q / (1 + r)) / (n r):
 *
 * W0 + c · B A is never formed, t is exactly 0 at the start (m = n, B = 0), and small changes keep all their digits.
 */
export class DoraAdapter implements MatrixAdapter {
  readonly matrix: TargetMatrix;
  readonly rank: number;
  readonly scaling: number;
  /** [k, d_in] */
  readonly A: Parameter;
  /** [d_out, k] */
  readonly B: Parameter;
  /** m [d_out] */
  readonly magnitude: Parameter;
  /** n [d_out] */
  readonly norm: AdapterPart;
  readonly parameters: readonly Parameter[];
  readonly frozen: readonly AdapterPart[];
  readonly mergeable = true;
  readonly needsWeight = true;
  readonly #k: Kernels;

  /** @param scaling c */
  constructor(
    kernels: Kernels,
    planned: PlannedMatrix,
    scaling: number,
    start: { readonly A: Float32Array; readonly norms: Float32Array },
  ) {
    const { name, layer, module, shape, rank } = planned;
    const [out, into] = shape;
    const norms = start.norms.map((norm) => Math.max(norm, shortestRow));
    this.#k = kernels;
    this.matrix = { name, layer, module, shape };
    this.rank = rank;
    this.scaling = scaling;
    this.A = createParameter(kernels, `${name}.A`, [rank, into], start.A);
    this.B = createParameter(kernels, `${name}.B`, [out, rank], new Float32Array(out * rank));
    this.magnitude = createParameter(kernels, `${name}.magnitude`, [out], norms.slice());
    this.norm = createPart(kernels, `${name}.norm`, [out], norms);
    this.parameters = [this.A, this.B, this.magnitude];
    this.frozen = [this.norm];
  }

  /** t and ‖W0 + c · B A‖, both [d_out]. @param weight W0, borrowed */
  rowScale(weight: TensorId): { readonly t: TensorId; readonly length: TensorId } {
    const k = this.#k;
    const c = this.scaling;
    const n = this.norm.value;
    const along = k.matMul(weight, this.A.value, false, true); // [d_out, k]
    const gram = k.matMul(this.A.value, this.A.value, false, true); // [k, k]
    const square = k.scale(k.take(k.matMul(this.B.value, k.take(gram))), c * c);
    const sum = k.add(k.take(k.scale(k.take(along), 2 * c)), k.take(square));
    const added = k.sum(k.take(k.mul(k.take(sum), this.B.value)), [1]); // [d_out]
    const q = k.div(k.take(added), k.take(k.square(n)));
    const onePlusQ = k.shift(q, 1);
    const r = k.mul(onePlusQ, k.take(k.rsqrt(onePlusQ)));
    const growth = k.div(k.take(q), k.take(k.shift(r, 1))); // q / (1 + r) = r − 1
    const longer = k.sub(k.take(k.sub(this.magnitude.value, n)), k.take(k.mul(n, k.take(growth))));
    const length = k.mul(n, k.take(r));
    k.free(onePlusQ);
    return { t: k.div(k.take(longer), length), length };
  }

  /** @throws AppError INTERNAL without W0 */
  delta(weight?: TensorId): TensorId {
    if (weight === undefined) throw new AppError('INTERNAL', `ΔW of ${this.matrix.name} needs the weight itself.`);
    const k = this.#k;
    const [out] = this.matrix.shape;
    const { t, length } = this.rowScale(weight);
    k.free(length);
    const column = k.reshape(k.take(t), [out, 1]);
    const ofWeight = k.mul(weight, column);
    const product = k.scale(k.take(k.matMul(this.B.value, this.A.value)), this.scaling);
    const ofProduct = k.mul(k.take(product), k.take(k.shift(k.take(column), 1)));
    return k.add(k.take(ofWeight), k.take(ofProduct));
  }

  factors(): undefined {
    return undefined;
  }

  directionFactors(): DirectionFactors {
    const k = this.#k;
    return {
      left: k.scale(this.B.value, this.scaling),
      right: k.alias(this.A.value),
      magnitude: k.alias(this.magnitude.value),
    };
  }
}
