import type { Activation } from '../models/types.ts';
import type { Kernels } from '../tensor/kernels.ts';
import type { TensorId } from '../tensor/tensorId.ts';

/** a(z) */
export function activate(k: Kernels, kind: Activation, z: TensorId): TensorId {
  switch (kind) {
    case 'silu':
      return k.mul(z, k.take(k.sigmoid(z)));
    case 'gelu-tanh': {
      const gate = tanhGate(k, z);
      return k.mul(k.take(k.scale(z, 0.5)), k.take(k.shift(k.take(gate), 1)));
    }
    case 'gelu':
      return k.mul(z, k.take(normalDistribution(k, z)));
  }
}

/** a(z) and a′(z), which share most of the work. */
export function activateWithSlope(
  k: Kernels,
  kind: Activation,
  z: TensorId,
): { readonly value: TensorId; readonly slope: TensorId } {
  switch (kind) {
    case 'silu':
      return siluWithSlope(k, z);
    case 'gelu-tanh':
      return geluTanhWithSlope(k, z);
    case 'gelu':
      return geluWithSlope(k, z);
  }
}

/** z σ(z); slope σ + z σ (1 − σ) */
function siluWithSlope(k: Kernels, z: TensorId) {
  const sigma = k.sigmoid(z);
  const value = k.mul(z, sigma);
  const bend = k.mul(value, k.take(k.oneMinus(sigma)));
  return { value, slope: k.add(k.take(sigma), k.take(bend)) };
}

const tanhFactor = Math.sqrt(2 / Math.PI);
const tanhCubic = 0.044715;

/** t = tanh(√(2/π) (z + 0.044715 z³)) */
function tanhGate(k: Kernels, z: TensorId): TensorId {
  const bracket = k.shift(k.take(k.scale(k.take(k.square(z)), tanhFactor * tanhCubic)), tanhFactor);
  return k.tanh(k.take(k.mul(z, k.take(bracket))));
}

/** ½ z (1 + t); slope ½ (1 + t) + ½ z (1 − t²) √(2/π) (1 + 3 · 0.044715 z²) */
function geluTanhWithSlope(k: Kernels, z: TensorId) {
  const t = tanhGate(k, z);
  const half = k.scale(k.take(k.shift(t, 1)), 0.5);
  const value = k.mul(z, half);
  const inner = k.shift(k.take(k.scale(k.take(k.square(z)), 1.5 * tanhFactor * tanhCubic)), 0.5 * tanhFactor);
  const steepness = k.mul(k.take(k.oneMinus(k.take(k.square(k.take(t))))), k.take(inner));
  return { value, slope: k.add(k.take(half), k.take(k.mul(z, k.take(steepness)))) };
}

/** Φ(z) = ½ (1 + erf(z / √2)) */
function normalDistribution(k: Kernels, z: TensorId): TensorId {
  const erf = k.erf(k.take(k.scale(z, Math.SQRT1_2)));
  return k.scale(k.take(k.shift(k.take(erf), 1)), 0.5);
}

/** z Φ(z); slope Φ(z) + z φ(z) */
function geluWithSlope(k: Kernels, z: TensorId) {
  const phi = normalDistribution(k, z);
  const density = k.exp(k.take(k.scale(k.take(k.square(z)), -0.5)));
  const bend = k.mul(z, k.take(k.scale(k.take(density), 1 / Math.sqrt(2 * Math.PI))));
  return { value: k.mul(z, phi), slope: k.add(k.take(phi), k.take(bend)) };
}
