import { describe, expect, test } from 'vitest';
import { colourRamp } from '../../../../src-renderer/charts/colourRamp.ts';
import {
  colourDistance,
  contrast,
  oklabToRgb,
  parseHex,
  readableOn,
  rgbToOklab,
  type Rgb,
} from '../../../../src-renderer/charts/colourSpace.ts';

const ramps = [
  ['viridis', 'dark'],
  ['viridis', 'light'],
  ['cividis', 'dark'],
  ['cividis', 'light'],
] as const;
const places = Array.from({ length: 65 }, (_, i) => i / 64);

/** Machado, Oliveira, Fernandes 2009, full deficiency, applied to linear light. */
const deficiencies: Record<string, readonly (readonly number[])[]> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};
function seenWith(matrix: readonly (readonly number[])[], rgb: Rgb): Rgb {
  const linear = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  const out = matrix.map((row) => row.reduce((sum, w, i) => sum + w * (linear[i] ?? 0), 0));
  const encoded = out.map((c) => {
    const k = Math.min(1, Math.max(0, c));
    return 255 * (k <= 0.0031308 ? k * 12.92 : 1.055 * k ** (1 / 2.4) - 0.055);
  });
  return [encoded[0] ?? 0, encoded[1] ?? 0, encoded[2] ?? 0];
}

describe('OKLab', () => {
  test('gives the published coordinates of white and survives a round trip', () => {
    const white = rgbToOklab([255, 255, 255]);
    expect(white[0]).toBeCloseTo(1, 4);
    expect(Math.hypot(white[1], white[2])).toBeLessThan(1e-3);
    for (const hex of ['#440154', '#21918c', '#fde725', '#ff0000', '#0000ff']) {
      expect(oklabToRgb(rgbToOklab(parseHex(hex)))).toEqual(parseHex(hex));
    }
  });
  test('contrast of black on white is 21', () => {
    expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21, 6);
  });
});

describe.each(ramps)('%s on %s ground', (name, ground) => {
  const ramp = colourRamp(name, ground);
  test('lightness runs one way, so that the order can be read in grey', () => {
    const lightness = places.map((t) => rgbToOklab(ramp.rgb(t))[0]);
    const direction = ground === 'dark' ? 1 : -1;
    for (let i = 1; i < lightness.length; i++) {
      expect(direction * ((lightness[i] ?? 0) - (lightness[i - 1] ?? 0))).toBeGreaterThan(0);
    }
  });
  test('equal steps of value are near equal steps of perceived colour', () => {
    const distances = places
      .slice(1)
      .map((t, i) => colourDistance(rgbToOklab(ramp.rgb(t)), rgbToOklab(ramp.rgb(places[i] ?? 0))));
    const mean = distances.reduce((a, b) => a + b, 0) / distances.length;
    expect(Math.max(...distances)).toBeLessThan(1.5 * mean);
    expect(Math.min(...distances)).toBeGreaterThan(0.5 * mean);
  });
  test.each(Object.keys(deficiencies))('keeps its order with %s', (kind) => {
    const lightness = places.map((t) => rgbToOklab(seenWith(deficiencies[kind] ?? [], ramp.rgb(t)))[0]);
    const direction = ground === 'dark' ? 1 : -1;
    for (let i = 4; i < lightness.length; i += 4) {
      expect(direction * ((lightness[i] ?? 0) - (lightness[i - 4] ?? 0))).toBeGreaterThan(0.01);
    }
  });
  test('numbers on every colour reach the contrast of AA', () => {
    for (const t of places) expect(contrast(ramp.rgb(t), readableOn(ramp.rgb(t)))).toBeGreaterThanOrEqual(4.5);
  });
});

test('the weak end recedes into the ground it is drawn on', () => {
  expect(rgbToOklab(colourRamp('viridis', 'dark').rgb(0))[0]).toBeLessThan(0.35);
  expect(rgbToOklab(colourRamp('viridis', 'light').rgb(0))[0]).toBeGreaterThan(0.93);
});
test('values outside the ramp and NaN are clamped, never undefined', () => {
  const ramp = colourRamp('viridis', 'dark');
  expect(ramp.css(-1)).toBe(ramp.css(0));
  expect(ramp.css(2)).toBe(ramp.css(1));
  expect(ramp.css(NaN)).toBe(ramp.css(0));
});
