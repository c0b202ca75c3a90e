import { countNGrams, mostIn } from './nGrams.ts';
import { tokenise13a } from './tokenise13a.ts';

const maxOrder = 4;

export interface BleuScore {
  /** 0 … 100 */
  readonly score: number;
  /** Modified precisions of orders 1 … 4, 0 … 100, smoothed. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  readonly hypothesisLength: number;
  readonly referenceLength: number;
}

/**
 * Corpus BLEU (Papineni et al. 2002) with the defaults of sacrebleu (Post 2018): 13a tokenisation, case kept,
 * exponential smoothing, the reference length nearest to each hypothesis.
 * @param references one or more for each hypothesis
 */
export function corpusBleu(hypotheses: readonly string[], references: readonly (readonly string[])[]): BleuScore {
  const correct = [0, 0, 0, 0];
  const total = [0, 0, 0, 0];
  let hypothesisLength = 0;
  let referenceLength = 0;
  for (const [i, hypothesis] of hypotheses.entries()) {
    const own = references[i] ?? [];
    if (own.length === 0) throw new RangeError(`Hypothesis ${i} has no reference.`);
    const words = tokenise13a(hypothesis);
    const referenceWords = own.map(tokenise13a);
    hypothesisLength += words.length;
    referenceLength += nearestLength(
      words.length,
      referenceWords.map((reference) => reference.length),
    );
    for (let order = 1; order <= maxOrder; order += 1) {
      const allowed = mostIn(referenceWords.map((reference) => countNGrams(reference, order)));
      for (const [nGram, count] of countNGrams(words, order)) {
        total[order - 1] = (total[order - 1] ?? 0) + count;
        correct[order - 1] = (correct[order - 1] ?? 0) + Math.min(count, allowed.get(nGram) ?? 0);
      }
    }
  }
  return scoreOf(correct, total, hypothesisLength, referenceLength);
}

function scoreOf(
  correct: readonly number[],
  total: readonly number[],
  hypothesisLength: number,
  referenceLength: number,
): BleuScore {
  const brevityPenalty =
    hypothesisLength >= referenceLength
      ? 1
      : hypothesisLength === 0
        ? 0
        : Math.exp(1 - referenceLength / hypothesisLength);
  const precisions = correct.every((count) => count === 0) ? total.map(() => 0) : smoothed(correct, total);
  const score = precisions.every((precision) => precision > 0)
    ? brevityPenalty * Math.exp(precisions.reduce((sum, precision) => sum + Math.log(precision), 0) / maxOrder)
    : 0;
  return { score, precisions, brevityPenalty, hypothesisLength, referenceLength };
}

/** Each order without a match counts half as much as the one before it (NIST's smoothing). */
function smoothed(correct: readonly number[], total: readonly number[]): number[] {
  let halving = 1;
  return correct.map((count, i) => {
    const all = total[i] ?? 0;
    if (all === 0) return 0;
    if (count > 0) return (100 * count) / all;
    halving *= 2;
    return 100 / (halving * all);
  });
}

/** Of two lengths equally near, the shorter. */
function nearestLength(length: number, references: readonly number[]): number {
  return references.reduce((best, each) => {
    const gain = Math.abs(best - length) - Math.abs(each - length);
    return gain > 0 || (gain === 0 && each < best) ? each : best;
  });
}
