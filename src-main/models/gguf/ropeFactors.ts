/** The llama3 kind of rotary scaling, which GGUF files hold as a tensor of divisors instead of parameters. */
import type { JsonObject } from '../jsonFile.ts';

/** Parameters in use: Llama 3.1 has factor 8, Llama 3.2 has 32; the others are the same for both. */
const candidates = [8, 32, 16, 4, 2].flatMap((factor) =>
  [8192, 4096, 16384, 2048].map((original) => ({ factor, original, low: 1, high: 4 })),
);

/**
 * config.json's rope_scaling that gives these divisors of the inverse frequencies.
 * @param divisors one for each pair of rotary dimensions
 * @returns undefined when no known parameters do
 */
export function llama3Scaling(divisors: Float32Array, theta: number): JsonObject | undefined {
  const found = candidates.find((candidate) =>
    divisors.every((divisor, i) => {
      const expected = divisorOf(candidate, theta ** (-i / divisors.length));
      return Math.abs(divisor - expected) <= 1e-4 * expected;
    }),
  );
  return (
    found && {
      rope_type: 'llama3',
      factor: found.factor,
      low_freq_factor: found.low,
      high_freq_factor: found.high,
      original_max_position_embeddings: found.original,
    }
  );
}

/** Source: transformers, modeling_rope_utils, `_compute_llama3_parameters`. */
function divisorOf({ factor, original, low, high }: (typeof candidates)[number], frequency: number): number {
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < original / high) return 1;
  if (wavelength > original / low) return factor;
  const smooth = (original / wavelength - low) / (high - low);
  return 1 / ((1 - smooth) / factor + smooth);
}
