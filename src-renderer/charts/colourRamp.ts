/**
 * Sequential colour ramps for the maps: perceptually even, safe for the common colour-vision deficiencies.
 * Control points of viridis (Smith, van der Walt) and cividis (Nuñez, Anderton, Renslow 2018), every sixteenth of the
 * published tables. On a light ground the order turns round and the weak end is paled, so that small values recede.
 */
import {
  colourDistance,
  oklabToRgb,
  parseHex,
  readableOn,
  rgbToCss,
  rgbToOklab,
  type Oklab,
  type Rgb,
} from './colourSpace.ts';

export type RampName = 'viridis' | 'cividis';
export type Ground = 'dark' | 'light';

const controlPoints: Readonly<Record<RampName, string>> = {
  viridis:
    '#440154 #48186a #472d7b #424086 #3b528b #33638d #2c728e #26828e #21918c #1f9f88 #27ad81 #3dbc74 #5cc863 #81d34d #aadc32 #d5e21a #fde725',
  cividis:
    '#00224e #002e6a #1a386f #32436d #434e6c #535a6d #61656f #6f7073 #7d7c78 #8b8778 #9a9376 #aaa073 #bbad6d #ccba64 #ddc858 #efd748 #fee838',
};

/** Lightness at the ends of the light ramps, and the share of colour kept at their pale end. */
const paleLightness = 0.955;
const deepLightness = 0.33;
const paleChroma = 0.3;

const steps = 256;

export interface Ramp {
  /** Colour for t in 0 … 1; values outside are clamped. */
  rgb(t: number): Rgb;
  css(t: number): string;
  /** Colour of a number written on that colour. */
  textOn(t: number): string;
}

function lightCounterpart(dark: readonly Oklab[]): Oklab[] {
  const last = dark.length - 1;
  return dark.toReversed().map((lab, i) => {
    const t = i / last;
    const chroma = Math.min(1, paleChroma + 1.6 * t);
    return [paleLightness + (deepLightness - paleLightness) * t, lab[1] * chroma, lab[2] * chroma];
  });
}

/** Points at equal perceived distances along a polyline in OKLab. */
function spreadEvenly(points: readonly Oklab[], count: number): Oklab[] {
  const along = [0];
  for (let i = 1; i < points.length; i++) {
    along.push((along[i - 1] ?? 0) + colourDistance(points[i - 1] ?? [0, 0, 0], points[i] ?? [0, 0, 0]));
  }
  const total = along[along.length - 1] ?? 1;
  const result: Oklab[] = [];
  let segment = 0;
  for (let i = 0; i < count; i++) {
    const wanted = (total * i) / (count - 1);
    while (segment < points.length - 2 && (along[segment + 1] ?? total) < wanted) segment++;
    const from = points[segment] ?? [0, 0, 0];
    const to = points[segment + 1] ?? from;
    const start = along[segment] ?? 0;
    const length = (along[segment + 1] ?? total) - start;
    const share = length > 0 ? (wanted - start) / length : 0;
    result.push([
      from[0] + (to[0] - from[0]) * share,
      from[1] + (to[1] - from[1]) * share,
      from[2] + (to[2] - from[2]) * share,
    ]);
  }
  return result;
}

function buildRamp(name: RampName, ground: Ground): Ramp {
  const dark = controlPoints[name].split(' ').map((hex) => rgbToOklab(parseHex(hex)));
  const colours = spreadEvenly(ground === 'dark' ? dark : lightCounterpart(dark), steps).map(oklabToRgb);
  const css = colours.map(rgbToCss);
  const text = colours.map((colour) => rgbToCss(readableOn(colour)));
  const at = (t: number): number => Math.round(Math.min(1, Math.max(0, t)) * (steps - 1)) || 0;
  return {
    rgb: (t) => colours[at(t)] ?? [0, 0, 0],
    css: (t) => css[at(t)] ?? 'rgb(0, 0, 0)',
    textOn: (t) => text[at(t)] ?? 'rgb(255, 255, 255)',
  };
}

const built = new Map<string, Ramp>();

export function colourRamp(name: RampName, ground: Ground): Ramp {
  const key = `${name} ${ground}`;
  let ramp = built.get(key);
  if (!ramp) {
    ramp = buildRamp(name, ground);
    built.set(key, ramp);
  }
  return ramp;
}

/** Stops of a CSS-like gradient over the whole ramp, for legends drawn on a canvas. */
export function rampStops(ramp: Ramp, count: number): readonly (readonly [number, string])[] {
  return Array.from({ length: count }, (_, i) => [i / (count - 1), ramp.css(i / (count - 1))] as const);
}
