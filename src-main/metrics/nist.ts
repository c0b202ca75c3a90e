import { countNGrams, mostIn } from './nGrams.ts';

const maxOrder = 5;
/** Makes the penalty ½ where the text is ⅔ as long as its references (Doddington 2002, eq. 3). */
const beta = Math.log(0.5) / Math.log(1.5) ** 2;

/**
 * Corpus NIST (Doddington 2002) of orders 1 … 5, as the E2E challenge's script computes it: an n-gram counts by its
 * information log₂(#(w₁…wₙ₋₁) / #(w₁…wₙ)) in the references, at most as often as in the reference that has it most; the
 * length is compared with the mean length of the references.
 * @param hypotheses words of each text
 * @param references words of one or more references for each
 */
export function corpusNist(
  hypotheses: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
): number {
  const inReferences = countReferences(references.flat());
  const information = Array.from({ length: maxOrder }, () => 0);
  const total = Array.from({ length: maxOrder }, () => 0);
  let hypothesisLength = 0;
  let referenceLength = 0;
  for (const [i, words] of hypotheses.entries()) {
    const own = references[i] ?? [];
    if (own.length === 0) throw new RangeError(`Hypothesis ${i} has no reference.`);
    hypothesisLength += words.length;
    referenceLength += own.reduce((sum, reference) => sum + reference.length, 0) / own.length;
    for (let order = 1; order <= maxOrder; order += 1) {
      const allowed = mostIn(own.map((reference) => countNGrams(reference, order)));
      for (const [nGram, count] of countNGrams(words, order)) {
        total[order - 1] = (total[order - 1] ?? 0) + count;
        const hits = Math.min(count, allowed.get(nGram) ?? 0);
        if (hits > 0) information[order - 1] = (information[order - 1] ?? 0) + hits * inReferences(nGram);
      }
    }
  }
  const sum = information.reduce((all, value, i) => all + value / Math.max(1, total[i] ?? 0), 0);
  return sum * lengthPenalty(hypothesisLength, referenceLength);
}

/** Information of an n-gram that occurs in the references, in bits. */
function countReferences(references: readonly (readonly string[])[]): (nGram: string) => number {
  const counts = new Map<string, number>();
  let words = 0;
  for (const reference of references) {
    words += reference.length;
    for (let order = 1; order <= maxOrder; order += 1) {
      for (const [nGram, count] of countNGrams(reference, order)) counts.set(nGram, (counts.get(nGram) ?? 0) + count);
    }
  }
  return (nGram) => {
    const last = nGram.lastIndexOf(' ');
    const before = last < 0 ? words : (counts.get(nGram.slice(0, last)) ?? 0);
    return Math.log2(before / (counts.get(nGram) ?? 1));
  };
}

function lengthPenalty(hypothesis: number, reference: number): number {
  if (hypothesis === 0 || reference === 0) return 0;
  const ratio = hypothesis / reference;
  return ratio >= 1 ? 1 : Math.exp(beta * Math.log(ratio) ** 2);
}
