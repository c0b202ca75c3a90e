/** How frozen weights are kept in memory; see `weights` of a training's configuration. */
export const weightPrecisions = ['auto', 'float32', 'stored', 'q8'] as const;

export type WeightPrecision = (typeof weightPrecisions)[number];

/** Of the available memory, what weights as float32 may take; the rest is for what training adds. */
const float32Share = 0.5;

/**
 * What `auto` comes down to.
 * @param float32Bytes of all weights as float32; `available` bytes of memory
 */
export function resolvePrecision(
  precision: WeightPrecision,
  float32Bytes: number,
  available: number,
): Exclude<WeightPrecision, 'auto'> {
  if (precision !== 'auto') return precision;
  return float32Bytes <= float32Share * available ? 'float32' : 'stored';
}

/** Bytes of a value that a file holds as `type`, once it is loaded. Vectors are always float32, and few. */
export function bytesPerValue(precision: Exclude<WeightPrecision, 'auto'>, type: string): number {
  switch (precision) {
    case 'float32':
      return 4;
    case 'stored':
      return type === 'BF16' || type === 'F16' ? 2 : 4;
    case 'q8':
      // 32 values of one byte and their scale of four.
      return 36 / 32;
  }
}
