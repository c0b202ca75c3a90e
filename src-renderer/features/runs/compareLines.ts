/** Curves of several runs as the lines of one chart. Pure. */
import type { RunCurves } from '../../../src-main/contract/routes.ts';
import type { LineSpec } from '../../charts/lineSpec.ts';
import { Series } from '../../charts/series.ts';

export const metrics = ['loss', 'validation', 'lr', 'gradNorm', 'tokensPerSecond'] as const;
export type Metric = (typeof metrics)[number];
export const progressAxes = ['step', 'tokens', 'time'] as const;
export type ProgressAxis = (typeof progressAxes)[number];

/** Colours that can be told apart; further lines take them again with another stroke. */
const colours = 6;
const dashes: readonly (readonly number[] | undefined)[] = [undefined, [8, 4], [2, 3], [10, 3, 2, 3]];

/** One line for each run, over steps, tokens seen or minutes of training. Its key is the path of the run. */
export function compareLines(
  curves: readonly RunCurves[],
  metric: Metric,
  axis: ProgressAxis,
  labelOf: (run: string) => string,
): readonly LineSpec[] {
  return curves.map((curve, i): LineSpec => {
    const dash = dashes[Math.floor(i / colours) % dashes.length];
    return {
      key: curve.run,
      label: labelOf(curve.run),
      data: seriesOf(curve, metric, axis),
      colour: i % colours,
      ...(metric === 'validation' ? { marked: true } : { smooth: metric !== 'lr' }),
      ...(dash === undefined ? {} : { dash }),
    };
  });
}

function seriesOf(curve: RunCurves, metric: Metric, axis: ProgressAxis): Series {
  const series = new Series();
  const [steps, values] =
    metric === 'validation' ? [curve.validation.step, curve.validation.loss] : [curve.step, curve[metric]];
  steps.forEach((step, i) => {
    const value = values[i];
    const at = progressAt(curve, step, axis);
    if (value !== undefined && at !== undefined) series.push(at, value);
  });
  return series;
}

/** Tokens seen, or minutes of training, after a step; 0 before the first. */
function progressAt(curve: RunCurves, step: number, axis: ProgressAxis): number | undefined {
  if (axis === 'step') return step;
  if (step === 0) return 0;
  // Thinned curves may lack the step: the next one that is there stands for it.
  const found = curve.step.findIndex((kept) => kept >= step);
  const i = found < 0 ? curve.step.length - 1 : found;
  const seconds = curve.elapsedSeconds[i];
  return axis === 'tokens' ? curve.tokens[i] : seconds === undefined ? undefined : seconds / 60;
}
