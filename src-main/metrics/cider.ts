import { countNGrams } from './nGrams.ts';

const maxOrder = 4;
/** Width of the penalty for a difference in length, in words. */
const sigma = 6;

/** Weights of the n-grams of one order, and their Euclidean norm. */
interface Weights {
  readonly values: ReadonlyMap<string, number>;
  readonly norm: number;
}

interface Text {
  readonly orders: readonly Weights[];
  readonly length: number;
}

/**
 * CIDEr-D (Vedantam, Zitnick and Parikh 2015) as the COCO caption evaluation and the E2E challenge compute it, without
 * stemming, 0 … 10: the mean over n = 1 … 4 of the clipped cosine between TF-IDF vectors of n-grams, with a Gaussian
 * penalty for a difference in length. Document frequencies are those of the references given, so the value depends on
 * all of them; of a single segment it is 0.
 * @param hypotheses words of each text
 * @param references words of one or more references for each
 */
export function meanCider(
  hypotheses: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
): number {
  if (hypotheses.length === 0) return 0;
  const frequencies = documentFrequencies(references);
  const weigh = (words: readonly string[]): Text => weighted(words, frequencies, Math.log(references.length));
  const total = hypotheses.reduce((sum, words, i) => {
    const own = references[i] ?? [];
    const text = weigh(words);
    const similar = own.reduce((all, reference) => all + similarity(text, weigh(reference)), 0);
    return sum + (10 * similar) / Math.max(1, own.length);
  }, 0);
  return total / hypotheses.length;
}

/** In the references of how many segments each n-gram occurs. */
function documentFrequencies(references: readonly (readonly (readonly string[])[])[]): Map<string, number> {
  const frequencies = new Map<string, number>();
  for (const own of references) {
    const seen = new Set<string>();
    for (const words of own) {
      for (let order = 1; order <= maxOrder; order += 1) {
        for (const nGram of countNGrams(words, order).keys()) seen.add(nGram);
      }
    }
    for (const nGram of seen) frequencies.set(nGram, (frequencies.get(nGram) ?? 0) + 1);
  }
  return frequencies;
}

function weighted(words: readonly string[], frequencies: ReadonlyMap<string, number>, logSegments: number): Text {
  const orders = Array.from({ length: maxOrder }, (_, i): Weights => {
    const values = new Map<string, number>();
    let squares = 0;
    for (const [nGram, count] of countNGrams(words, i + 1)) {
      const weight = count * (logSegments - Math.log(Math.max(1, frequencies.get(nGram) ?? 0)));
      values.set(nGram, weight);
      squares += weight ** 2;
    }
    return { values, norm: Math.sqrt(squares) };
  });
  // The reference implementation takes the number of word pairs for the length.
  return { orders, length: Math.max(0, words.length - 1) };
}

/** Mean over the orders. */
function similarity(text: Text, reference: Text): number {
  const penalty = Math.exp(-((text.length - reference.length) ** 2) / (2 * sigma ** 2));
  const sum = text.orders.reduce((all, { values, norm }, i) => {
    const other = reference.orders[i];
    if (other === undefined) return all;
    let product = 0;
    for (const [nGram, weight] of values) {
      const against = other.values.get(nGram) ?? 0;
      product += Math.min(weight, against) * against;
    }
    return all + (norm !== 0 && other.norm !== 0 ? product / (norm * other.norm) : product);
  }, 0);
  return (penalty * sum) / maxOrder;
}
