import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..', '..', 'src-renderer');

function styledFiles(): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.(svelte|css)$/.test(name) && !name.endsWith('tokens.css'),
  );
}

/** Style rules of a file. */
function styleOf(name: string): string {
  const text = readFileSync(join(root, name), 'utf8');
  return name.endsWith('.css') ? text : (/<style[^>]*>([\s\S]*)<\/style>/.exec(text)?.[1] ?? '');
}

// Would catch: a colour that stays light in the dark theme.
test('only the tokens name colours; everything else uses what a colour is for', () => {
  const odd = styledFiles().flatMap((name) =>
    [
      ...styleOf(name).matchAll(
        /#[0-9a-f]{3,8}\b|\b(?:oklch|rgba?|hsla?)\(|var\(--(?:grey|blue|red|amber|green|ink)-/gi,
      ),
    ].map(([found]) => `${name}: ${found}`),
  );
  expect(odd).toEqual([]);
});

test('text has one of three sizes', () => {
  const odd = styledFiles().flatMap((name) =>
    [...styleOf(name).matchAll(/font-size:\s*([^;]+);/g)]
      .map(([, size]) => size ?? '')
      .filter((size) => !/^(var\(--size-[123]\)|1[12]px)$/.test(size))
      .map((size) => `${name}: ${size}`),
  );
  expect(odd).toEqual([]);
});

// Would catch: what the window's content security policy refuses (style-src 'self').
test('no element has a style attribute written in its markup', () => {
  const odd = styledFiles().filter((name) => /\sstyle="/.test(readFileSync(join(root, name), 'utf8')));
  expect(odd).toEqual([]);
});

/** Relative luminance of an oklch colour (CSS Color 4, WCAG 2.2). */
function luminance(lightness: number, chroma: number, hue: number): number {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const [l, m, s] = [
    (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3,
    (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3,
  ];
  const clip = (x: number) => Math.min(1, Math.max(0, x));
  const red = clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const green = clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const blue = clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Luminance of every tier-two colour of a theme. */
function theme(name: 'light' | 'dark'): Map<string, number> {
  const css = readFileSync(join(root, 'styles', 'tokens.css'), 'utf8');
  const palette = new Map<string, number>();
  for (const [, token, l, c, h] of css.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\);/g)) {
    if (token !== undefined && !palette.has(token)) palette.set(token, luminance(Number(l), Number(c), Number(h)));
  }
  const block = new RegExp(`:root\\[data-theme='${name}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  const colours = new Map<string, number>();
  for (const [, token, source] of block.matchAll(/--([\w-]+): var\(--([\w-]+)\);/g)) {
    const value = palette.get(source ?? '');
    if (token !== undefined && value !== undefined) colours.set(token, value);
  }
  return colours;
}

test.each(['light', 'dark'] as const)('text and controls have enough contrast in the %s theme', (name) => {
  const colours = theme(name);
  const contrast = (one: string, two: string) => {
    const [low = 0, high = 0] = [colours.get(one) ?? NaN, colours.get(two) ?? NaN].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const weak: string[] = [];
  const demand = (text: string, grounds: readonly string[], least: number) => {
    for (const ground of grounds) {
      const value = contrast(text, ground);
      if (!(value >= least)) weak.push(`${text} on ${ground}: ${value.toFixed(2)}`);
    }
  };
  for (const text of ['text-1', 'text-2', 'text-3']) demand(text, ['bg-0', 'bg-1', 'bg-2'], 4.5);
  demand('text-1', ['bg-3', 'accent-soft'], 4.5);
  demand('text-2', ['bg-3', 'accent-soft'], 4.5);
  demand('on-accent', ['accent', 'accent-strong'], 4.5);
  for (const tone of ['accent', 'danger', 'warning', 'success']) demand(tone, ['bg-1', `${tone}-soft`], 4.5);
  demand('line-control', ['bg-0', 'bg-1'], 3);
  demand('focus', ['bg-0', 'bg-1', 'bg-2'], 3);
  expect(weak).toEqual([]);
});
