import type { MethodConfig } from './methods.schema.ts';

/**
 * The learning rate to begin with: of those tried on SmolLM2-135M the one with the lowest held-out loss over three seeds,
 * or a neighbour that cannot be told from it and holds for stories260K too (EXPERIMENTS.md). Short runs: longer ones
 * often want less.
 */
export function startingLearningRate(method: MethodConfig): number {
  switch (method.name) {
    case 'sara':
      // λ from its singular values is large and moves much; from zero, or with U and V as they are, little.
      return { 'zero-b': 3e-3, 'zero-lambda': 1e-2, svd: 3e-2, 'raw-lambda': 1e-3 }[method.init];
    case 'mosara':
      return method.output === 'vector' ? 0.1 : 0.3;
    case 'lora':
      return method.rankStabilized === true ? 1e-3 : 3e-3;
    case 'dora':
      return 3e-3;
    case 'pissa':
      return 3e-4;
    case 'adalora':
      return 1e-2;
    case 'full':
      return 1e-4;
  }
}

/** For long and careful runs: about a third of {@link startingLearningRate}. */
export function carefulLearningRate(method: MethodConfig): number {
  return Number((startingLearningRate(method) / 3).toPrecision(1));
}

/** The rate after a change of method: one that was left as the old method proposed it follows, a person's own stays. */
export function followedLearningRate(rate: number, before: MethodConfig, after: MethodConfig): number {
  if (rate === startingLearningRate(before)) return startingLearningRate(after);
  return rate === carefulLearningRate(before) ? carefulLearningRate(after) : rate;
}
