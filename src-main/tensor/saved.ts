import type { TensorId } from './tensorId.ts';

/**
 * What a forward pass leaves for its backward pass: a tree of tensors. Whoever receives it owns it and frees it with
 * `Kernels.freeSaved`.
 */
export type Saved = TensorId | undefined | readonly Saved[] | { readonly [part: string]: Saved };
