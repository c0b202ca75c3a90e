import type { Kernels } from '../tensor/kernels.ts';
import type { AdapterTensor, Parameter } from '../methods/types.ts';

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

/** AdamW as PyTorch defines it. */
export declare class AdamW {
  constructor(kernels: Kernels, parameters: readonly Parameter[], settings: AdamWSettings);
  /** Steps done. */
  readonly steps: number;
  /**
   * Consumes the gradients: one update of every parameter. When the norm is not finite nothing is changed but the
   * gradients, which are freed.
   * @returns L2 norm over all gradients before clipping
   */
  step(step: AdamWStep): { readonly gradientNorm: number; readonly finite: boolean };
  /** Moments as `PARAMETER NAME.m` and `.v`, for an exact resume; `steps` has to be kept beside them. */
  exportState(): Map<string, AdapterTensor>;
  /** @throws AppError CHECKPOINT_DAMAGED */
  importState(state: ReadonlyMap<string, AdapterTensor>, steps: number): void;
  dispose(): void;
}
