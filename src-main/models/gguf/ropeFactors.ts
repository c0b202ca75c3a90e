/** The llama3 kind of rotary scaling, which GGUF files hold as a tensor of divisors instead of parameters. */
import type { JsonObject } from '../jsonFile.ts';
import type { RopeSpec } from '../types.ts';

/** Parameters of the llama3 kind of scaling. */
interface Llama3Parameters {
  readonly factor: number;
  /** Context length of the model before it was extended. */
  readonly original: number;
  readonly low: number;
  readonly high: number;
}

/** Low and high factors are the same for all models in use, and the original contexts powers of two. */
function candidates(divisors: Float32Array): Llama3Parameters[] {
  const factor = divisors.reduce((largest, divisor) => Math.max(largest, divisor), 1);
  return Array.from({ length: 16 }, (_, i) => ({ factor, original: 2 ** (5 + i), low: 1, high: 4 }));
}

/**
 * config.json's rope_scaling that gives these divisors of the inverse frequencies.
 * @param divisors one for each pair of rotary dimensions
 * @returns undefined when no known parameters do
 */
export function llama3Scaling(divisors: Float32Array, theta: number): JsonObject | undefined {
  const found = candidates(divisors).find((candidate) =>
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

/** The divisors that stand for the scaling in a GGUF file, one for each pair of rotary dimensions. */
export function llama3Divisors(rope: RopeSpec): Float32Array | undefined {
  const { scaling, theta, dimensions } = rope;
  if (scaling.type !== 'llama3') return undefined;
  const parameters = {
    factor: scaling.factor,
    original: scaling.originalContext,
    low: scaling.lowFrequencyFactor,
    high: scaling.highFrequencyFactor,
  };
  return Float32Array.from({ length: dimensions / 2 }, (_, i) =>
    divisorOf(parameters, theta ** ((-2 * i) / dimensions)),
  );
}

/** Source: transformers, modeling_rope_utils, `_compute_llama3_parameters`. */
function divisorOf({ factor, original, low, high }: Llama3Parameters, frequency: number): number {
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < original / high) return 1;
  if (wavelength > original / low) return factor;
  const smooth = (original / wavelength - low) / (high - low);
  return 1 / ((1 - smooth) / factor + smooth);
}
