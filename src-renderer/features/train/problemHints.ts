/** Troubles that show in the curves before they end a run, each with one suggestion. Pure. */
import { smoothed } from '../../charts/smooth.ts';

export type ProblemKind = 'non-finite' | 'rising' | 'overfitting' | 'vanishing' | 'nothing-learnt' | 'memory';

export interface Problem {
  readonly kind: ProblemKind;
  readonly step: number;
  /** Names of matrices, a layer or a share, for the sentence. */
  readonly facts: Readonly<Record<string, string | number>>;
}

export interface RunFacts {
  readonly loss: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number>; readonly length: number };
  readonly validation: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number>; readonly length: number };
  readonly gradientNorm: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number>; readonly length: number };
  /** The newest relative ‖ΔW‖ of each matrix with the layer it is in; NaN where not told. */
  readonly learnt?:
    { readonly step: number; readonly relativeNorm: ArrayLike<number>; readonly layers: readonly number[] } | undefined;
  readonly memory?: { readonly used: number; readonly available: number } | undefined;
}

/** A loss counts as rising when its average stands this much above its lowest, after this many steps. */
const risingFactor = 1.15;
const fewestSteps = 10;
const smoothing = 0.8;
const vanishingNorm = 1e-6;
/** A layer has learnt nothing when its largest change is below this share of the model's median change. */
const nothingShare = 1e-3;
const memoryLimit = 0.9;

export function problemsOf(facts: RunFacts): Problem[] {
  return [
    notFinite(facts),
    rising(facts),
    overfitting(facts),
    vanishing(facts),
    nothingLearnt(facts),
    memory(facts),
  ].filter((problem) => problem !== undefined);
}

function notFinite({ loss, gradientNorm }: RunFacts): Problem | undefined {
  for (const series of [loss, gradientNorm]) {
    for (let i = 0; i < series.length; i++) {
      if (!Number.isFinite(series.y[i] ?? NaN)) return { kind: 'non-finite', step: series.x[i] ?? 0, facts: {} };
    }
  }
  return undefined;
}

function rising({ loss }: RunFacts): Problem | undefined {
  if (loss.length < fewestSteps) return undefined;
  const average = smoothed(loss.y, loss.length, smoothing);
  let lowest = 0;
  for (let i = 1; i < average.length; i++) {
    if ((average[i] ?? Infinity) < (average[lowest] ?? Infinity)) lowest = i;
  }
  const last = average.length - 1;
  const risen = last - lowest >= fewestSteps / 2 && (average[last] ?? 0) > risingFactor * (average[lowest] ?? 0);
  return risen ? { kind: 'rising', step: loss.x[lowest] ?? 0, facts: {} } : undefined;
}

/** Two evaluations in a row above the best, while the training loss is below what it was at the best. */
function overfitting({ loss, validation }: RunFacts): Problem | undefined {
  if (validation.length < 3 || loss.length === 0) return undefined;
  let best = 0;
  for (let i = 1; i < validation.length; i++) {
    if ((validation.y[i] ?? Infinity) < (validation.y[best] ?? Infinity)) best = i;
  }
  if (validation.length - 1 - best < 2) return undefined;
  const average = smoothed(loss.y, loss.length, smoothing);
  const bestStep = validation.x[best] ?? 0;
  let at = 0;
  while (at < loss.length - 1 && (loss.x[at] ?? 0) < bestStep) at++;
  const falls = (average[loss.length - 1] ?? Infinity) < (average[at] ?? 0);
  return falls ? { kind: 'overfitting', step: bestStep, facts: {} } : undefined;
}

function vanishing({ gradientNorm }: RunFacts): Problem | undefined {
  const last = gradientNorm.length - 1;
  // The first step has no gradient where the start makes it so; a short series proves nothing.
  if (last < 3) return undefined;
  for (let i = last; i > last - 3; i--) if ((gradientNorm.y[i] ?? 1) >= vanishingNorm) return undefined;
  return { kind: 'vanishing', step: gradientNorm.x[last] ?? 0, facts: {} };
}

function nothingLearnt({ learnt }: RunFacts): Problem | undefined {
  if (!learnt) return undefined;
  const known = Array.from(learnt.relativeNorm).filter((v) => Number.isFinite(v));
  if (known.length === 0) return undefined;
  const median = [...known].sort((a, b) => a - b)[known.length >> 1] ?? 0;
  if (median === 0)
    return known.every((v) => v === 0)
      ? { kind: 'nothing-learnt', step: learnt.step, facts: { layers: 'all' } }
      : undefined;
  const largest = new Map<number, number>();
  learnt.layers.forEach((layer, i) => {
    const v = learnt.relativeNorm[i] ?? NaN;
    if (Number.isFinite(v)) largest.set(layer, Math.max(largest.get(layer) ?? 0, v));
  });
  const idle = [...largest].filter(([, v]) => v < nothingShare * median).map(([layer]) => layer);
  return idle.length === 0
    ? undefined
    : { kind: 'nothing-learnt', step: learnt.step, facts: { layers: idle.join(', ') } };
}

function memory({ memory: now, loss }: RunFacts): Problem | undefined {
  if (!now || now.available <= 0 || now.used < memoryLimit * now.available) return undefined;
  return { kind: 'memory', step: loss.x[loss.length - 1] ?? 0, facts: {} };
}
