import type { Kernels } from './kernels.ts';

/** Bytes that TensorFlow wants memory to start at a multiple of; what JavaScript gives starts at a multiple of 16. */
const alignment = 64;
const step = 16;

/**
 * Room for `length` values whose memory the backend uses as it is: an array that starts anywhere else is copied with
 * every {@link Kernels.upload}. Addresses are not visible here, so every start is tried on a tensor of one value.
 */
export function sharedScratch(k: Kernels, length: number): Float32Array {
  const memory = new ArrayBuffer(4 * length + alignment);
  const starts = Array.from({ length: alignment / step }, (_, i) => i * step);
  const shared = starts.find((start) => isShared(k, new Float32Array(memory, start, 1)));
  return new Float32Array(memory, shared ?? 0, length);
}

/** Whether a tensor sees what is written into its array later. */
function isShared(k: Kernels, value: Float32Array): boolean {
  value[0] = 0;
  const tensor = k.upload(value, [1]);
  try {
    value[0] = 1;
    return k.scalar(tensor) === 1;
  } finally {
    k.free(tensor);
  }
}
