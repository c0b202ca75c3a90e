/** What the heat map draws around and over the cells of Chart.js: numbers, hatching, outlines, totals at the edges. */
import type { Chart, Plugin } from 'chart.js';
import type { ChartColours } from './chartColours.ts';
import type { Ramp } from './colourRamp.ts';
import type { MatrixGrid } from './matrixGrid.ts';
import type { ValueScale } from './valueScale.ts';

/** Everything the painter reads; replaced as a whole when something changes. */
export interface HeatmapScene {
  readonly grid: MatrixGrid;
  /** One value a matrix; NaN while it is not known. */
  readonly values: ArrayLike<number>;
  readonly scale: ValueScale;
  readonly ramp: Ramp;
  readonly colours: ChartColours;
  /** The number written in a cell. */
  readonly write: (value: number) => string;
  /** True where a bound other than the rule decided. */
  readonly outlined: (matrix: number) => boolean;
  readonly active: number;
  readonly compared: number;
  readonly totals: { readonly rows: Float64Array; readonly columns: Float64Array } | undefined;
  readonly totalsName: string;
  readonly groupNames: Readonly<Record<'attention' | 'mlp' | 'other', string>>;
}

/** A number is written where a cell has room for it. */
const smallestWidthForNumber = 22;
const smallestHeightForNumber = 9;
export const rowBarWidth = 52;
export const columnBarHeight = 22;
export const groupHeadHeight = 16;
const cellGap = 1;

export function cellSize(chart: Chart, grid: MatrixGrid): { width: number; height: number } {
  const { width, height } = chart.chartArea;
  return {
    width: Math.max(1, width / grid.width - cellGap),
    height: Math.max(1, height / Math.max(1, grid.layers.length) - cellGap),
  };
}

/** Diagonal lines for cells still to come. */
export function hatching(context: CanvasRenderingContext2D, colours: ChartColours): CanvasPattern | string {
  const tile = document.createElement('canvas');
  tile.width = 6;
  tile.height = 6;
  const ink = tile.getContext('2d');
  if (!ink) return colours.line;
  ink.strokeStyle = colours.line;
  ink.lineWidth = 1;
  ink.beginPath();
  for (const offset of [-3, 3, 9]) {
    ink.moveTo(offset - 3, 6 + 3 - 6);
    ink.moveTo(offset, 6);
    ink.lineTo(offset + 6, 0);
  }
  ink.stroke();
  return context.createPattern(tile, 'repeat') ?? colours.line;
}

export function heatmapPainter(scene: () => HeatmapScene): Plugin<'matrix'> {
  return {
    id: 'heatmapPainter',
    afterDatasetsDraw(chart) {
      const now = scene();
      const { ctx } = chart;
      ctx.save();
      drawNumbers(chart, now);
      drawOutlines(chart, now);
      if (now.totals) drawTotals(chart, now, now.totals);
      drawGroupHeads(chart, now);
      ctx.restore();
    },
  };
}

function place(chart: Chart, grid: MatrixGrid, matrix: number): { x: number; y: number } | undefined {
  const at = grid.places[matrix];
  const column = at && grid.columns[at[1]];
  const xScale = chart.scales['x'];
  const yScale = chart.scales['y'];
  if (!at || !column || !xScale || !yScale) return undefined;
  return { x: xScale.getPixelForValue(column.x), y: yScale.getPixelForValue(at[0] + 0.5) };
}

function drawNumbers(chart: Chart, scene: HeatmapScene): void {
  const size = cellSize(chart, scene.grid);
  if (size.width < smallestWidthForNumber || size.height < smallestHeightForNumber) return;
  const { ctx } = chart;
  ctx.font = `${Math.min(11, Math.max(9, Math.floor(size.height - 1)))}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  for (let i = 0; i < scene.grid.places.length; i++) {
    const value = scene.values[i] ?? NaN;
    const at = place(chart, scene.grid, i);
    if (!at || !Number.isFinite(value)) continue;
    ctx.fillStyle = scene.ramp.textOn(scene.scale.position(value));
    ctx.fillText(scene.write(value), at.x, at.y + 0.5, size.width - 2);
  }
}

function drawOutlines(chart: Chart, scene: HeatmapScene): void {
  const size = cellSize(chart, scene.grid);
  const { ctx } = chart;
  const outline = (matrix: number, colour: string, width: number, outset: number): void => {
    const at = place(chart, scene.grid, matrix);
    if (!at) return;
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.strokeRect(
      at.x - size.width / 2 - outset,
      at.y - size.height / 2 - outset,
      size.width + 2 * outset,
      size.height + 2 * outset,
    );
  };
  for (let i = 0; i < scene.grid.places.length; i++) {
    if (scene.outlined(i)) outline(i, scene.colours.text, 1, -0.5);
  }
  if (scene.compared >= 0) outline(scene.compared, scene.colours.accent, 2, 0.5);
  if (scene.active >= 0) {
    outline(scene.active, scene.colours.surface, 4, 1);
    outline(scene.active, scene.colours.text, 2, 1);
  }
}

function drawTotals(chart: Chart, scene: HeatmapScene, totals: NonNullable<HeatmapScene['totals']>): void {
  const { ctx, chartArea } = chart;
  const size = cellSize(chart, scene.grid);
  const yScale = chart.scales['y'];
  const xScale = chart.scales['x'];
  if (!yScale || !xScale) return;
  ctx.fillStyle = scene.colours.weakText;
  ctx.globalAlpha = 0.55;
  const largestRow = largest(totals.rows);
  for (let row = 0; row < scene.grid.layers.length; row++) {
    const length = largestRow > 0 ? (rowBarWidth - 8) * ((totals.rows[row] ?? 0) / largestRow) : 0;
    const height = Math.max(1, size.height * 0.6);
    ctx.fillRect(chartArea.right + 6, yScale.getPixelForValue(row + 0.5) - height / 2, length, height);
  }
  const largestColumn = largest(totals.columns);
  scene.grid.columns.forEach((column, i) => {
    const length = largestColumn > 0 ? (columnBarHeight - 6) * ((totals.columns[i] ?? 0) / largestColumn) : 0;
    const width = Math.max(1, size.width * 0.6);
    ctx.fillRect(xScale.getPixelForValue(column.x) - width / 2, chartArea.bottom + 5, width, length);
  });
  ctx.globalAlpha = 1;
  ctx.font = '11px system-ui, sans-serif';
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.fillText(scene.totalsName, chartArea.right + 6, chartArea.top - 4, rowBarWidth - 6);
}

function drawGroupHeads(chart: Chart, scene: HeatmapScene): void {
  const { ctx } = chart;
  const xScale = chart.scales['x'];
  if (!xScale) return;
  ctx.font = '11px system-ui, sans-serif';
  ctx.fillStyle = scene.colours.weakText;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  for (const group of ['attention', 'mlp', 'other'] as const) {
    const members = scene.grid.columns.filter((column) => column.group === group);
    const first = members[0];
    const last = members[members.length - 1];
    if (!first || !last) continue;
    ctx.fillText(scene.groupNames[group], xScale.getPixelForValue((first.x + last.x) / 2), 1);
  }
}

function largest(values: Iterable<number>): number {
  let result = 0;
  for (const value of values) result = Math.max(result, value);
  return result;
}
