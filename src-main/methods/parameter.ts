import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { AdapterPart, Parameter } from './types.ts';

export function createParameter(
  kernels: Kernels,
  name: string,
  shape: readonly number[],
  initial: Float32Array,
  learningRateMultiplier = 1,
): Parameter {
  return { ...createPart(kernels, name, shape, initial), gradient: undefined, learningRateMultiplier };
}

/** A tensor that is saved with the adapter and not trained. */
export function createPart(
  kernels: Kernels,
  name: string,
  shape: readonly number[],
  initial: Float32Array,
): AdapterPart {
  return { name, shape, value: kernels.upload(initial, shape) };
}

/** Adds to the gradient of a parameter. @param gradient consumed */
export function addGradient(kernels: Kernels, parameter: Parameter, gradient: TensorId): void {
  const before = parameter.gradient;
  const sum = before === undefined ? gradient : kernels.add(kernels.take(before), kernels.take(gradient));
  parameter.gradient = kernels.keep(sum);
}

export function dropGradient(kernels: Kernels, parameter: Parameter): void {
  if (parameter.gradient !== undefined) kernels.free(parameter.gradient);
  parameter.gradient = undefined;
}
