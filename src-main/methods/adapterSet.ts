import type { MethodConfig } from '../contract/methods.schema.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { AppError } from '../util/appError.ts';
import { FrozenLinear } from './frozenLinear.ts';
import { dropGradient } from './parameter.ts';
import type {
  AdapterPart,
  AdapterSet,
  AdapterTensor,
  BaseLinear,
  LinearMap,
  MatrixAdapter,
  MethodTraining,
  Parameter,
  StateTensor,
} from './types.ts';

/**
 * How a method joins the adapters of linear maps that share their input.
 * @param adapters one entry for each base, at least one of them defined
 * @param index number of the first adapter in the set: tells apart the random numbers of different maps
 */
export type JoinAdapters<A extends MatrixAdapter> = (
  bases: readonly BaseLinear[],
  adapters: readonly (A | undefined)[],
  index: number,
) => LinearMap;

/** What some methods have besides adapters. */
interface FurtherParts {
  readonly training?: MethodTraining | undefined;
  /** Those of matrices are the parameters of their adapters. */
  readonly weights?: ReadonlyMap<string, Parameter>;
}

/** The adapter set of any method whose state is its parameters and frozen tensors. */
export class MethodAdapters<A extends MatrixAdapter> implements AdapterSet {
  readonly method: MethodConfig['name'];
  readonly matrices: ReadonlyMap<string, A>;
  readonly parameters: readonly Parameter[];
  readonly training: MethodTraining | undefined;
  readonly weights: ReadonlyMap<string, Parameter> | undefined;
  readonly frozenNames: ReadonlySet<string>;
  readonly #parts: readonly AdapterPart[];
  readonly #kernels: Kernels;
  readonly #join: JoinAdapters<A>;

  /** Takes over the adapters and the training. */
  constructor(
    kernels: Kernels,
    method: MethodConfig['name'],
    adapters: readonly A[],
    join: JoinAdapters<A>,
    { training, weights }: FurtherParts = {},
  ) {
    this.#kernels = kernels;
    this.#join = join;
    this.method = method;
    this.training = training;
    this.matrices = new Map(adapters.map((adapter) => [adapter.matrix.name, adapter]));
    const ofMatrices = new Set(adapters.flatMap((adapter) => adapter.parameters));
    const others = [...(weights?.values() ?? [])].filter((parameter) => !ofMatrices.has(parameter));
    this.weights = weights;
    this.parameters = [...ofMatrices, ...others];
    this.frozenNames = new Set(adapters.flatMap((adapter) => adapter.frozen.map(({ name }) => name)));
    this.#parts = [...adapters.flatMap((adapter) => [...adapter.parameters, ...adapter.frozen]), ...others];
  }

  linear(bases: readonly BaseLinear[]): LinearMap {
    const adapters = bases.map(({ name }) => this.matrices.get(name));
    const first = adapters.find((adapter) => adapter !== undefined);
    if (first === undefined) return new FrozenLinear(this.#kernels, bases);
    return this.#join(bases, adapters, [...this.matrices.keys()].indexOf(first.matrix.name));
  }

  stateTensors(): Map<string, StateTensor> {
    const state = this.#parts.map((part): [string, StateTensor] => {
      return [part.name, { shape: part.shape, read: () => this.#kernels.download(part.value) }];
    });
    return new Map(state);
  }

  exportState(): Map<string, AdapterTensor> {
    return readState(this.stateTensors());
  }

  importState(state: ReadonlyMap<string, AdapterTensor>): void {
    const given = this.#parts.map((part) => findTensor(state, part));
    this.#parts.forEach((part, i) => {
      const tensor = given[i];
      if (tensor === undefined) return;
      this.#kernels.free(part.value);
      part.value = this.#kernels.upload(tensor.data.slice(), part.shape);
    });
    for (const parameter of this.parameters) dropGradient(this.#kernels, parameter);
  }

  dispose(): void {
    for (const part of this.#parts) this.#kernels.free(part.value);
    for (const parameter of this.parameters) dropGradient(this.#kernels, parameter);
    this.training?.dispose();
  }
}

/** The tensors with their present values. */
export function readState(tensors: ReadonlyMap<string, StateTensor>): Map<string, AdapterTensor> {
  return new Map([...tensors].map(([name, { shape, read }]) => [name, { shape, data: read() }]));
}

function findTensor(state: ReadonlyMap<string, AdapterTensor>, { name, shape }: AdapterPart): AdapterTensor {
  const tensor = state.get(name);
  const fits = tensor?.shape.length === shape.length && shape.every((size, i) => size === tensor.shape[i]);
  if (tensor !== undefined && fits) return tensor;
  const found = tensor === undefined ? 'is missing' : `has shape [${tensor.shape.join(', ')}]`;
  throw new AppError(
    'CHECKPOINT_DAMAGED',
    `The adapter’s tensor ${name} ${found}, but [${shape.join(', ')}] is needed; resume from another checkpoint.`,
  );
}
