/**
 * Mean ROUGE-L (Lin 2004) over segments, 0 … 1: the F-measure of the longest common subsequence of words, as the
 * package rouge-score computes it without stemming. Of several references the one with the best F-measure counts.
 */
export function meanRougeL(hypotheses: readonly string[], references: readonly (readonly string[])[]): number {
  if (hypotheses.length === 0) return 0;
  const total = hypotheses.reduce(
    (sum, hypothesis, i) =>
      sum + Math.max(0, ...(references[i] ?? []).map((reference) => rougeL(hypothesis, reference))),
    0,
  );
  return total / hypotheses.length;
}

/** ROUGE-L F-measure of one segment, 0 … 1. */
export function rougeL(hypothesis: string, reference: string): number {
  const words = tokenise(hypothesis);
  const referenceWords = tokenise(reference);
  const common = longestCommonSubsequence(words, referenceWords);
  if (common === 0) return 0;
  const precision = common / words.length;
  const recall = common / referenceWords.length;
  return (2 * precision * recall) / (precision + recall);
}

/** Weight of recall against precision in the evaluation of COCO captions and of E2E. */
const cocoBeta = 1.2;

/**
 * Mean ROUGE-L over segments, 0 … 1, as the COCO caption evaluation (Chen et al. 2015) and the E2E challenge compute it:
 * the F-measure with β = 1.2 of the best precision and the best recall over the references, which may be two.
 * @param references words of one or more references for each hypothesis
 */
export function meanRougeLOfWords(
  hypotheses: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
): number {
  const scores = hypotheses.map((words, i) => {
    const common = (references[i] ?? []).map((reference) => longestCommonSubsequence(words, reference));
    const precision = Math.max(0, ...common.map((length) => length / Math.max(1, words.length)));
    const recall = Math.max(0, ...common.map((length, r) => length / Math.max(1, references[i]?.[r]?.length ?? 0)));
    if (precision === 0 || recall === 0) return 0;
    return ((1 + cocoBeta ** 2) * precision * recall) / (recall + cocoBeta ** 2 * precision);
  });
  return scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
}

/** Runs of a–z and 0–9 in lower case; everything else separates. */
function tokenise(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

/** Its length, by dynamic programming over two rows. */
function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let above = new Uint32Array(b.length + 1);
  let row = new Uint32Array(b.length + 1);
  for (const word of a) {
    for (let j = 0; j < b.length; j += 1) {
      row[j + 1] = word === b[j] ? (above[j] ?? 0) + 1 : Math.max(above[j + 1] ?? 0, row[j] ?? 0);
    }
    [above, row] = [row, above];
  }
  return above[b.length] ?? 0;
}
