/** Colours of figures: one set for paper, one for a dark window. Series colours are those of Okabe and Ito (2008). */
export interface FigureTheme {
  readonly background: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly series: readonly string[];
  /** Colour of a share 0 … 1, light to strong. */
  sequential(share: number): string;
  /** Colour of a value −1 … 1. */
  diverging(value: number): string;
}

type Rgb = readonly [number, number, number];

const series = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6bb1', '#7a7a7a'] as const;

export const lightFigure: FigureTheme = {
  background: '#ffffff',
  text: '#1c1e21',
  muted: '#5c6370',
  grid: '#dfe2e7',
  series,
  sequential: (share) =>
    between(
      [
        [240, 245, 250],
        [116, 173, 209],
        [8, 48, 107],
      ],
      share,
    ),
  diverging: (value) =>
    between(
      [
        [178, 68, 0],
        [248, 248, 248],
        [0, 84, 140],
      ],
      (value + 1) / 2,
    ),
};

export const darkFigure: FigureTheme = {
  background: '#17191d',
  text: '#eceef1',
  muted: '#a3a9b4',
  grid: '#363a42',
  series: ['#56b4e9', '#f0894a', '#3dbd96', '#e19ac4', '#f0bd4f', '#9ecae1', '#b79ad6', '#b0b0b0'],
  sequential: (share) =>
    between(
      [
        [33, 38, 46],
        [46, 110, 150],
        [190, 225, 250],
      ],
      share,
    ),
  diverging: (value) =>
    between(
      [
        [240, 137, 74],
        [40, 43, 49],
        [86, 180, 233],
      ],
      (value + 1) / 2,
    ),
};

function between(stops: readonly [Rgb, Rgb, Rgb], share: number): string {
  const place = Math.min(Math.max(share, 0), 1) * 2;
  const [from, to] = place < 1 ? [stops[0], stops[1]] : [stops[1], stops[2]];
  const part = place < 1 ? place : place - 1;
  const mixed = from.map((value, i) => Math.round(value + ((to[i] ?? value) - value) * part));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** Colour of the series of this number; after the last they begin again. */
export function seriesColour(theme: FigureTheme, index: number): string {
  return theme.series[index % theme.series.length] ?? theme.text;
}
