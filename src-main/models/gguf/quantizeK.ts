/**
 * The formats with super-blocks of 256 values. Layouts: ggml-common.h. As in ggml, scales are searched for: several
 * step sizes are tried, each with the least-squares fit of scale (and minimum) to the levels it gives.
 */
import { asHalf, putBits } from './halfScale.ts';

/** x ≈ scale · level − minimum, minimum ≥ 0. */
interface AffineFit {
  readonly scale: number;
  readonly minimum: number;
}

interface Search {
  /** Largest level. */
  readonly top: number;
  /** Offsets to the largest level that are tried: first, and how many steps of 0.1. */
  readonly first: number;
  readonly steps: number;
}

const fourBit: Search = { top: 15, first: -1, steps: 21 };
const fiveBit: Search = { top: 31, first: -0.5, steps: 16 };

/** d, dmin, scales[12], quants[128]. */
export function quantizeQ4K(x: Float32Array, target: Uint8Array): void {
  const levels = quantizeAffine(x, target, fourBit);
  for (let i = 0; i < 128; i++) {
    const low = 64 * (i >> 5) + (i & 31);
    target[16 + i] = (levels[low] ?? 0) | ((levels[low + 32] ?? 0) << 4);
  }
}

/** d, dmin, scales[12], fifth bits[32], quants[128]. */
export function quantizeQ5K(x: Float32Array, target: Uint8Array): void {
  const levels = quantizeAffine(x, target, fiveBit);
  for (let i = 0; i < 32; i++) {
    let fifth = 0;
    for (let group = 0; group < 8; group++) fifth |= ((levels[32 * group + i] ?? 0) >> 4) << group;
    target[16 + i] = fifth;
  }
  for (let i = 0; i < 128; i++) {
    const low = 64 * (i >> 5) + (i & 31);
    target[48 + i] = ((levels[low] ?? 0) & 15) | (((levels[low + 32] ?? 0) & 15) << 4);
  }
}

/** Writes d, dmin and the packed scales of eight groups of 32 values, and gives the level of each value. */
function quantizeAffine(x: Float32Array, target: Uint8Array, search: Search): Uint8Array {
  const fits = Array.from({ length: 8 }, (_, group) => fitAffine(x.subarray(32 * group, 32 * group + 32), search));
  const d = asHalf(Math.max(...fits.map(({ scale }) => scale)) / 63);
  const dmin = asHalf(Math.max(...fits.map(({ minimum }) => minimum)) / 63);
  putBits(target, 0, d.bits);
  putBits(target, 2, dmin.bits);
  const levels = new Uint8Array(256);
  for (const [group, { scale, minimum }] of fits.entries()) {
    const scaleLevel = levelOf(scale, d.value);
    const minimumLevel = levelOf(minimum, dmin.value);
    putScale(target, group, scaleLevel, minimumLevel);
    const step = d.value * scaleLevel;
    const offset = dmin.value * minimumLevel;
    if (step === 0) continue;
    for (let i = 32 * group; i < 32 * group + 32; i++) {
      levels[i] = clamp(Math.round(((x[i] ?? 0) + offset) / step), 0, search.top);
    }
  }
  return levels;
}

function levelOf(value: number, unit: number): number {
  return unit === 0 ? 0 : clamp(Math.round(value / unit), 0, 63);
}

/** Scale and minimum number `group` of 8, six bits each, into 12 bytes from byte 4 on. */
function putScale(target: Uint8Array, group: number, scale: number, minimum: number): void {
  const at = 4 + (group & 3);
  if (group < 4) {
    target[at] = (target[at] ?? 0) | scale;
    target[at + 4] = (target[at + 4] ?? 0) | minimum;
    return;
  }
  target[at + 8] = (scale & 15) | ((minimum & 15) << 4);
  target[at] = (target[at] ?? 0) | ((scale >> 4) << 6);
  target[at + 4] = (target[at + 4] ?? 0) | ((minimum >> 4) << 6);
}

/** Weighted least squares over the step sizes of the search; a value weighs the more the larger it is. */
function fitAffine(x: Float32Array, { top, first, steps }: Search): AffineFit {
  let low = 0;
  let high = x[0] ?? 0;
  let squares = 0;
  for (const value of x) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    squares += value * value;
  }
  if (high === low) return { scale: 0, minimum: -low };
  const average = Math.sqrt(squares / x.length);
  let sumW = 0;
  let sumX = 0;
  for (const value of x) {
    const weight = average + Math.abs(value);
    sumW += weight;
    sumX += weight * value;
  }
  const level = (value: number, inverse: number): number => clamp(Math.round(inverse * (value - low)), 0, top);
  const errorOf = (inverse: number, scale: number, offset: number): number => {
    let error = 0;
    for (const value of x) {
      const difference = scale * level(value, inverse) + offset - value;
      error += (average + Math.abs(value)) * difference * difference;
    }
    return error;
  };
  let best = { scale: (high - low) / top, offset: low };
  let bestError = errorOf(top / (high - low), best.scale, low);
  for (let step = 0; step < steps; step++) {
    const inverse = (top + first + 0.1 * step) / (high - low);
    let sumL = 0;
    let sumLL = 0;
    let sumXL = 0;
    for (const value of x) {
      const weight = average + Math.abs(value);
      const l = level(value, inverse);
      sumL += weight * l;
      sumLL += weight * l * l;
      sumXL += weight * l * value;
    }
    const determinant = sumW * sumLL - sumL * sumL;
    if (determinant <= 0) continue;
    let scale = (sumW * sumXL - sumX * sumL) / determinant;
    let offset = (sumLL * sumX - sumL * sumXL) / determinant;
    if (offset > 0) {
      offset = 0;
      scale = sumXL / sumLL;
    }
    const error = errorOf(inverse, scale, offset);
    if (error < bestError) {
      bestError = error;
      best = { scale, offset };
    }
  }
  return { scale: best.scale, minimum: -best.offset };
}

/** low four bits[128], high two bits[64], signed scales[16], d. */
export function quantizeQ6K(x: Float32Array, target: Uint8Array): void {
  const scales = Array.from({ length: 16 }, (_, group) => fitSymmetric(x.subarray(16 * group, 16 * group + 16)));
  const largest = scales.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  if (Math.abs(largest) < smallest) return;
  const d = asHalf(largest / -128);
  putBits(target, 208, d.bits);
  const levels = new Uint8Array(256).fill(32);
  for (const [group, scale] of scales.entries()) {
    const scaleLevel = clamp(Math.round((-128 * scale) / largest), -128, 127);
    target[192 + group] = scaleLevel;
    const step = d.value * scaleLevel;
    if (step === 0) continue;
    for (let i = 16 * group; i < 16 * group + 16; i++) {
      levels[i] = clamp(Math.round((x[i] ?? 0) / step), -32, 31) + 32;
    }
  }
  for (let i = 0; i < 64; i++) {
    // Two halves of 128 values: four parts of 32 share 64 low and 32 high bytes.
    const first = 128 * (i >> 5) + (i & 31);
    const parts = [0, 32, 64, 96].map((offset) => levels[first + offset] ?? 0);
    const [a = 0, b = 0, c = 0, e = 0] = parts;
    const at = 64 * (i >> 5) + (i & 31);
    target[at] = (a & 15) | ((c & 15) << 4);
    target[at + 32] = (b & 15) | ((e & 15) << 4);
    target[128 + i] = (a >> 4) | ((b >> 4) << 2) | ((c >> 4) << 4) | ((e >> 4) << 6);
  }
}

/** Below this a group counts as zero. */
const smallest = 1e-15;

/** The scale of x ≈ scale · level, levels −32 … 31, weights x². */
function fitSymmetric(x: Float32Array): number {
  let extreme = 0;
  for (const value of x) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  if (Math.abs(extreme) < smallest) return 0;
  let best = 0;
  let bestGain = -1;
  for (let step = -9; step <= 9; step++) {
    const inverse = -(32 + 0.1 * step) / extreme;
    let sumXL = 0;
    let sumLL = 0;
    for (const value of x) {
      const l = clamp(Math.round(inverse * value), -32, 31);
      const weight = value * value;
      sumXL += weight * value * l;
      sumLL += weight * l * l;
    }
    const gain = sumLL > 0 ? (sumXL * sumXL) / sumLL : -1;
    if (gain > bestGain) {
      bestGain = gain;
      best = sumXL / sumLL;
    }
  }
  return best;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
