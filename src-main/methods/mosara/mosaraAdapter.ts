import type { TargetMatrix } from '../../contract/model.ts';
import type { Kernels } from '../../tensor/kernels.ts';
import type { TensorId } from '../../tensor/tensorId.ts';
import { AppError } from '../../util/appError.ts';
import { createParameter, createPart } from '../parameter.ts';
import type { AdapterPart, MatrixAdapter, Parameter, PlannedMatrix } from '../types.ts';
import { createRouter, type Router } from './router.ts';
import type { MosaraStart } from './start.ts';

/**
 * The parts of c · diag(v) U_k diag(Σ g_i λ_i) V_kᵀ. With one set, or while the gates are frozen, this is a matrix ΔW
 * that does not depend on the input.
 */
export class MosaraAdapter implements MatrixAdapter {
  readonly matrix: TargetMatrix;
  readonly rank: number;
  readonly sets: number;
  readonly scaling: number;
  readonly U: AdapterPart;
  readonly Vt: AdapterPart;
  readonly lambda: Parameter;
  readonly router: Router;
  readonly v: Parameter | undefined;
  readonly parameters: readonly Parameter[];
  readonly frozen: readonly AdapterPart[];
  readonly orthonormalRight = true;
  /** Constants in the place of the gates [n]. */
  frozenGates: readonly number[] | undefined;
  readonly #k: Kernels;

  constructor(kernels: Kernels, planned: PlannedMatrix, start: MosaraStart, scaling: number) {
    const { name, layer, module, shape, rank } = planned;
    const [out, into] = shape;
    this.#k = kernels;
    this.matrix = { name, layer, module, shape };
    this.rank = rank;
    this.sets = start.sets;
    this.scaling = scaling;
    this.U = createPart(kernels, `${name}.U`, [out, rank], start.U);
    this.Vt = createPart(kernels, `${name}.Vt`, [rank, into], start.Vt);
    this.lambda = createParameter(kernels, `${name}.lambda`, [start.sets, rank], start.lambda);
    this.router = createRouter(kernels, name, start.sets, start.router);
    this.v = start.v && createParameter(kernels, `${name}.v`, [out], start.v);
    this.parameters = [this.lambda, ...this.router.parameters, ...(this.v === undefined ? [] : [this.v])];
    this.frozen = [this.U, this.Vt];
  }

  get mergeable(): boolean {
    return this.sets === 1 || this.frozenGates !== undefined;
  }

  /** g, one row for each token or, frozen, one row for all: [N, n] or [1, n]. @param z [N, k] */
  gates(z: TensorId): TensorId {
    const k = this.#k;
    if (this.frozenGates !== undefined) return k.upload(Float32Array.from(this.frozenGates), [1, this.sets]);
    return k.softmax(k.take(this.router.forward(z)));
  }

  /** c v [d_out], or c where v is 1. */
  outputFactor(): TensorId {
    return this.v === undefined ? this.#k.fill([1], this.scaling) : this.#k.scale(this.v.value, this.scaling);
  }

  delta(): TensorId {
    const { left, right } = this.factors();
    return this.#k.matMul(this.#k.take(left), this.#k.take(right));
  }

  /** c diag(v) U_k diag(Σ g_i λ_i) and V_kᵀ */
  factors(): { readonly left: TensorId; readonly right: TensorId } {
    const k = this.#k;
    const constant = this.frozenGates ?? (this.sets === 1 ? [1] : undefined);
    if (constant === undefined) {
      throw new AppError(
        'NOT_MERGEABLE',
        `The router of ${this.matrix.name} mixes its ${this.sets} sets anew for every token, so there is no one matrix to merge; export the native adapter, which is exact, or accept a merge with frozen gates.`,
      );
    }
    const gates = k.upload(Float32Array.from(constant), [1, this.sets]);
    const mixed = k.matMul(k.take(gates), this.lambda.value); // [1, k]
    const factor = this.outputFactor();
    const rows = k.reshape(k.take(factor), [-1, 1]);
    const scaled = k.mul(this.U.value, k.take(rows)); // [d_out, k]
    return { left: k.mul(k.take(scaled), k.take(mixed)), right: k.alias(this.Vt.value) };
  }
}
