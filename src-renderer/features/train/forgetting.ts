import { percent } from '../../text/format.ts';
import { t } from '../../text/text.svelte.ts';

interface Measured {
  readonly step: number;
  readonly loss: number;
}

/** By how much the perplexity on the neutral text has changed since before training: 0.12 is 12 % more. */
export function perplexityChange(neutral: readonly Measured[]): number | undefined {
  const [before] = neutral;
  const last = neutral.at(-1);
  return before?.step !== 0 || last === undefined || last === before
    ? undefined
    : Math.exp(last.loss - before.loss) - 1;
}

/** The change with its sign: `+12 %`. */
export function signedPercent(change: number): string {
  return `${change < 0 ? '−' : '+'}${percent(Math.abs(change))}`;
}

/** What the model has forgotten, one sentence; empty before it is known. */
export function forgettingText(neutral: readonly Measured[]): string {
  const change = perplexityChange(neutral);
  if (change === undefined) return '';
  const how = change < 0.02 ? 'none' : change < 0.15 ? 'little' : change < 0.5 ? 'some' : 'much';
  return t(`train.neutral.${how}`, { change: signedPercent(change) });
}
