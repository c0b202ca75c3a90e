import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import type { Parameter } from './types.ts';

export function createParameter(
  kernels: Kernels,
  name: string,
  shape: readonly number[],
  initial: Float32Array,
  learningRateMultiplier = 1,
): Parameter {
  return { name, shape, value: kernels.upload(initial, shape), gradient: undefined, learningRateMultiplier };
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
