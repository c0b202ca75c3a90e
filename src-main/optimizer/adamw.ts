import { readState } from '../methods/adapterSet.ts';
import { dropGradient } from '../methods/parameter.ts';
import type { AdapterTensor, Parameter, StateTensor } from '../methods/types.ts';
import type { Kernels, VariableId } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { AppError } from '../util/appError.ts';
import { valueCount } from '../util/valueCount.ts';

export interface AdamWSettings {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  /** Decoupled; on every parameter alike. */
  readonly weightDecay: number;
}

export interface AdamWStep {
  readonly learningRate: number;
  /** Largest L2 norm over all gradients; 0 turns clipping off. */
  readonly clipNorm: number;
}

interface Slot {
  readonly parameter: Parameter;
  /** Where the update happens; the value lives in the parameter between steps. */
  readonly value: VariableId;
  readonly m: VariableId;
  readonly v: VariableId;
}

/**
 * AdamW as PyTorch's `torch.optim.AdamW` (Loshchilov & Hutter 2019, arXiv 1711.05101):
 *
 *     θ ← θ (1 − η λ);  m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²
 *     θ ← θ − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 */
export class AdamW {
  readonly #k: Kernels;
  readonly #settings: AdamWSettings;
  readonly #slots: readonly Slot[];
  #steps = 0;

  /** @param parameters borrowed; their present values are where the optimization starts */
  constructor(kernels: Kernels, parameters: readonly Parameter[], settings: AdamWSettings) {
    this.#k = kernels;
    this.#settings = settings;
    this.#slots = parameters.map((parameter) => ({
      parameter,
      value: kernels.createVariable(parameter.value, parameter.shape),
      m: zeroVariable(kernels, parameter.shape),
      v: zeroVariable(kernels, parameter.shape),
    }));
  }

  /** Steps done. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * One update of every parameter; the gradients are used up. A gradient that is undefined counts as zero: the moments
   * decay all the same. When the norm is not finite, nothing changes but that the gradients are gone.
   * @param observe told of every parameter after its update, with the clipped gradient, which is only lent
   * @returns L2 norm over all gradients before clipping
   */
  step(
    { learningRate, clipNorm }: AdamWStep,
    observe?: (parameter: Parameter, gradient: TensorId) => void,
  ): { readonly gradientNorm: number; readonly finite: boolean } {
    const gradientNorm = this.#gradientNorm();
    if (!Number.isFinite(gradientNorm)) {
      for (const { parameter } of this.#slots) dropGradient(this.#k, parameter);
      return { gradientNorm, finite: false };
    }
    // The factor of torch.nn.utils.clip_grad_norm_.
    const clip = clipNorm > 0 ? Math.min(1, clipNorm / (gradientNorm + 1e-6)) : 1;
    this.#steps += 1;
    for (const slot of this.#slots) {
      const gradient = this.#update(slot, learningRate, clip);
      observe?.(slot.parameter, gradient);
      this.#k.free(gradient);
    }
    return { gradientNorm, finite: true };
  }

  /**
   * Takes the memory of one {@link step} and gives it back, changing nothing: the moments are there from the beginning,
   * the gradients before a step; what comes besides is copies of one parameter at a time.
   * @throws AppError OUT_OF_MEMORY
   */
  claimMemory(): void {
    const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
    const shapes = this.#slots.map(({ parameter }) => parameter.shape);
    const largest = shapes.reduce<readonly number[]>((most, shape) => (size(shape) > size(most) ? shape : most), [0]);
    // The decayed value and the clipped gradient.
    const copies: TensorId[] = [];
    try {
      for (let i = 0; i < 2; i += 1) copies.push(this.#k.fill(largest, 1));
    } finally {
      this.#k.free(...copies);
    }
  }

  /** What {@link exportState} gives, each tensor read only when it is asked for. */
  stateTensors(): Map<string, StateTensor> {
    const state = new Map<string, StateTensor>();
    for (const { parameter, m, v } of this.#slots) {
      state.set(`${parameter.name}.m`, { shape: parameter.shape, read: () => this.#download(m) });
      state.set(`${parameter.name}.v`, { shape: parameter.shape, read: () => this.#download(v) });
    }
    return state;
  }

  /** Moments as `PARAMETER NAME.m` and `.v`, for an exact resume; `steps` has to be kept beside them. */
  exportState(): Map<string, AdapterTensor> {
    return readState(this.stateTensors());
  }

  /** @throws AppError CHECKPOINT_DAMAGED when a moment is missing or has another size */
  importState(state: ReadonlyMap<string, AdapterTensor>, steps: number): void {
    const moments = this.#slots.map(({ parameter }) => ({
      m: findMoment(state, parameter, 'm'),
      v: findMoment(state, parameter, 'v'),
    }));
    this.#slots.forEach((slot, i) => {
      const given = moments[i];
      if (given === undefined) return;
      this.#assign(slot.m, given.m, slot.parameter.shape);
      this.#assign(slot.v, given.v, slot.parameter.shape);
    });
    this.#steps = steps;
  }

  /** Frees the moments; the parameters stay. */
  dispose(): void {
    for (const { value, m, v } of this.#slots) {
      for (const variable of [value, m, v]) this.#k.destroyVariable(variable);
    }
  }

  #gradientNorm(): number {
    const k = this.#k;
    const halves = this.#slots.flatMap(({ parameter }) =>
      parameter.gradient === undefined ? [] : [k.halfSquaredNorm(parameter.gradient)],
    );
    if (halves.length === 0) return 0;
    const half = k.addAll(halves);
    const norm = Math.sqrt(2 * k.scalar(half));
    k.free(half, ...halves);
    return norm;
  }

  /** @returns the clipped gradient, now the caller's */
  #update({ parameter, value, m, v }: Slot, learningRate: number, clip: number): TensorId {
    const k = this.#k;
    const { betas, epsilon, weightDecay } = this.#settings;
    const rate = learningRate * parameter.learningRateMultiplier;
    // The kernel rounds the betas to float32; the corrections must belong to the same numbers.
    const [beta1, beta2] = [Math.fround(betas[0]), Math.fround(betas[1])];
    const correction1 = 1 - beta1 ** this.#steps;
    const correction2 = Math.sqrt(1 - beta2 ** this.#steps);

    const decayed = k.scale(k.take(parameter.value), 1 - rate * weightDecay);
    k.assignVariable(value, k.take(decayed));
    const gradient = takeGradient(k, parameter, clip);
    k.applyAdam({
      value,
      firstMoment: m,
      secondMoment: v,
      gradient,
      stepSize: k.constant((rate * correction2) / correction1),
      beta1: k.constant(beta1),
      beta2: k.constant(beta2),
      epsilon: k.constant(epsilon * correction2),
    });
    parameter.value = k.readVariable(value);
    return gradient;
  }

  #download(variable: VariableId): Float32Array {
    const value = this.#k.readVariable(variable);
    const data = this.#k.download(value);
    this.#k.free(value);
    return data;
  }

  #assign(variable: VariableId, data: Float32Array, shape: readonly number[]): void {
    const value = this.#k.upload(data.slice(), shape);
    this.#k.assignVariable(variable, this.#k.take(value));
  }
}

function zeroVariable(k: Kernels, shape: readonly number[]): VariableId {
  const zeros = k.fill(shape, 0);
  const variable = k.createVariable(zeros, shape);
  k.free(zeros);
  return variable;
}

/** The clipped gradient as a tensor of the caller's; the parameter has none afterwards. */
function takeGradient(k: Kernels, parameter: Parameter, clip: number): TensorId {
  const { gradient } = parameter;
  parameter.gradient = undefined;
  if (gradient === undefined) return k.fill(parameter.shape, 0);
  return clip === 1 ? gradient : k.scale(k.take(gradient), clip);
}

function findMoment(
  state: ReadonlyMap<string, AdapterTensor>,
  { name, shape }: Parameter,
  moment: string,
): Float32Array {
  const data = state.get(`${name}.${moment}`)?.data;
  if (data?.length === valueCount(shape)) return data;
  throw new AppError(
    'CHECKPOINT_DAMAGED',
    `The optimizer’s moment ${name}.${moment} is missing or has another size; resume from another checkpoint.`,
  );
}
