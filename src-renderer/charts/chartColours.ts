/** The colours of the interface as charts need them: read from the tokens, followed through changes of theme. */
import { createSubscriber } from 'svelte/reactivity';
import type { Ground } from './colourRamp.ts';
import { luminance, rgbToCss, type Rgb } from './colourSpace.ts';

export interface ChartColours {
  readonly ground: Ground;
  readonly surface: string;
  readonly text: string;
  readonly weakText: string;
  readonly line: string;
  /** Lines that must stand out by themselves: hatching, axes, controls. */
  readonly strongLine: string;
  readonly accent: string;
  readonly danger: string;
  readonly warning: string;
  readonly success: string;
  /** Distinct lines, told apart with the common colour-vision deficiencies too (Okabe & Ito 2008, adjusted to the ground). */
  readonly series: readonly string[];
}

const seriesOn: Readonly<Record<Ground, readonly string[]>> = {
  dark: ['#56b4e9', '#e69f00', '#2fbf8f', '#cc79a7', '#f0e442', '#d55e00'],
  light: ['#0067a5', '#b35900', '#00795a', '#a3407c', '#5b4bb5', '#c03a00'],
};

let probe: CanvasRenderingContext2D | null | undefined;

/** Any CSS colour as plain sRGB, since Chart.js reads neither oklch nor color-mix. */
function resolved(value: string): Rgb {
  probe ??= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', {
    willReadFrequently: true,
  });
  if (!probe) return [128, 128, 128];
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = value;
  probe.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = probe.getImageData(0, 0, 1, 1).data;
  return [r, g, b];
}

const follow = createSubscriber((update) => {
  const changed = (): void => {
    cached = undefined;
    update();
  };
  const attributes = new MutationObserver(changed);
  attributes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'data-contrast'] });
  return () => {
    attributes.disconnect();
    cached = undefined;
  };
});

let cached: ChartColours | undefined;

/** Current colours; reading them in an effect or a derived value follows the theme. */
export function chartColours(): ChartColours {
  follow();
  cached ??= readColours();
  return cached;
}

function readColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): Rgb => resolved(style.getPropertyValue(name).trim() || 'gray');
  const surface = token('--bg-1');
  const ground: Ground = luminance(surface) < 0.2 ? 'dark' : 'light';
  const css = (name: string): string => rgbToCss(token(name));
  return {
    ground,
    surface: rgbToCss(surface),
    text: css('--text-1'),
    weakText: css('--text-2'),
    line: css('--line-2'),
    strongLine: css('--line-control'),
    accent: css('--accent'),
    danger: css('--danger'),
    warning: css('--warning'),
    success: css('--success'),
    series: seriesOn[ground],
  };
}
