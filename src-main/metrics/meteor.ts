import { stemmer } from 'stemmer';

/**
 * Parameters of METEOR as Lavie and Agarwal (2007) fitted them for English, the defaults of NLTK: α weighs precision
 * against recall, β and γ shape the penalty for words matched out of order.
 */
const meteorParameters = { alpha: 0.9, beta: 3, gamma: 0.5 } as const;

/**
 * Mean METEOR over segments, 0 … 1, with the modules *exact* and *stem* (Porter's stemmer with Martin's corrections);
 * no synonyms and no paraphrases, so values are lower than those of METEOR 1.5. Of several references the best counts.
 * @param hypotheses words of each text
 * @param references words of one or more references for each
 */
export function meanMeteor(
  hypotheses: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
): number {
  if (hypotheses.length === 0) return 0;
  const total = hypotheses.reduce(
    (sum, words, i) => sum + Math.max(0, ...(references[i] ?? []).map((reference) => meteor(words, reference))),
    0,
  );
  return total / hypotheses.length;
}

/** METEOR of one segment, 0 … 1. */
export function meteor(hypothesis: readonly string[], reference: readonly string[]): number {
  const { alpha, beta, gamma } = meteorParameters;
  const matches = align(
    hypothesis.map((word) => word.toLowerCase()),
    reference.map((word) => word.toLowerCase()),
  );
  if (matches.length === 0) return 0;
  const precision = matches.length / hypothesis.length;
  const recall = matches.length / reference.length;
  const mean = (precision * recall) / (alpha * precision + (1 - alpha) * recall);
  return (1 - gamma * (chunksOf(matches) / matches.length) ** beta) * mean;
}

interface Match {
  readonly hypothesis: number;
  readonly reference: number;
}

/** Words matched by themselves, then those left by their stems; from the end of the text, latest places first. */
function align(hypothesis: readonly string[], reference: readonly string[]): Match[] {
  const matches: Match[] = [];
  let openHypothesis = hypothesis.map((_, i) => i);
  let openReference = reference.map((_, i) => i);
  for (const form of [(word: string) => word, stemmer]) {
    const places = new Map<string, number[]>();
    for (const place of openReference) {
      const key = form(reference[place] ?? '');
      places.set(key, [...(places.get(key) ?? []), place]);
    }
    const found = new Map<number, number>();
    for (const place of openHypothesis.slice().reverse()) {
      const at = places.get(form(hypothesis[place] ?? ''))?.pop();
      if (at !== undefined) found.set(place, at);
    }
    for (const [from, to] of found) matches.push({ hypothesis: from, reference: to });
    const taken = new Set(found.values());
    openHypothesis = openHypothesis.filter((place) => !found.has(place));
    openReference = openReference.filter((place) => !taken.has(place));
  }
  return matches.sort((a, b) => a.hypothesis - b.hypothesis);
}

/** Runs of matches that are neighbours in both texts. */
function chunksOf(matches: readonly Match[]): number {
  return matches.filter((match, i) => {
    const before = matches[i - 1];
    return before?.hypothesis !== match.hypothesis - 1 || before.reference !== match.reference - 1;
  }).length;
}
