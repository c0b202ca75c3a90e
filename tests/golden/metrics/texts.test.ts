/** The E2E challenge's metrics against its reference implementations; expectedTexts.json is made by generateTexts.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { stemmer } from 'stemmer';
import { describe, expect, test } from 'vitest';
import { corpusBleu } from '../../../src-main/metrics/bleu.ts';
import { captionWords } from '../../../src-main/metrics/captionWords.ts';
import { meanCider } from '../../../src-main/metrics/cider.ts';
import { meanMeteor, meteor } from '../../../src-main/metrics/meteor.ts';
import { corpusNist } from '../../../src-main/metrics/nist.ts';
import { meanRougeLOfWords } from '../../../src-main/metrics/rougeL.ts';
import { tokenise13a } from '../../../src-main/metrics/tokenise13a.ts';

interface Expected {
  readonly name: string;
  readonly hypotheses: readonly string[];
  readonly references: readonly (readonly string[])[];
  readonly words: readonly (readonly string[])[];
  readonly referenceWords: readonly (readonly (readonly string[])[])[];
  readonly bleu: number;
  readonly nist: number;
  readonly nltkNist?: number;
  readonly meteor: readonly number[];
  readonly rougeL: number;
  readonly cider: number;
}
const { sets, words, stems } = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'expectedTexts.json'), 'utf8'),
) as {
  readonly sets: readonly Expected[];
  readonly words: readonly { readonly text: string; readonly words: readonly string[] }[];
  readonly stems: Readonly<Record<string, string>>;
};

const lower = (text: string): string => text.toLowerCase();
const wordsOf = (text: string): string[] => tokenise13a(text).map(lower);

describe.each(sets)('$name', (expected) => {
  const { hypotheses, references } = expected;

  test('BLEU in lower case is that of the challenge’s script', () => {
    const score = corpusBleu(
      hypotheses.map(lower),
      references.map((own) => own.map(lower)),
    );
    expect(score.score).toBeCloseTo(expected.bleu, 9);
  });

  test('NIST is that of the challenge’s script, and NLTK’s for one reference', () => {
    const nist = corpusNist(
      hypotheses.map(wordsOf),
      references.map((own) => own.map(wordsOf)),
    );
    expect(nist).toBeCloseTo(expected.nist, 10);
    if (expected.nltkNist !== undefined) expect(nist).toBeCloseTo(expected.nltkNist, 10);
  });

  test('METEOR of each text is NLTK’s without synonyms', () => {
    const each = expected.words.map((own, i) =>
      Math.max(...(expected.referenceWords[i] ?? []).map((reference) => meteor(own, reference))),
    );
    each.forEach((value, i) => expect(value, expected.hypotheses[i]).toBeCloseTo(expected.meteor[i] ?? NaN, 12));
    const mean = expected.meteor.reduce((sum, value) => sum + value, 0) / expected.meteor.length;
    expect(meanMeteor(expected.words, expected.referenceWords)).toBeCloseTo(mean, 12);
  });

  test('ROUGE-L and CIDEr are those of the caption evaluation', () => {
    expect(meanRougeLOfWords(expected.words, expected.referenceWords)).toBeCloseTo(expected.rougeL, 12);
    expect(meanCider(expected.words, expected.referenceWords)).toBeCloseTo(expected.cider, 10);
  });

  test('the words are those of the Penn Treebank tokenizer', () => {
    expect(hypotheses.map(captionWords)).toEqual(expected.words);
    expect(references.map((own) => own.map(captionWords))).toEqual(expected.referenceWords);
  });
});

test.each(words)('words of $text', ({ text, words: expected }) => {
  expect(captionWords(text)).toEqual(expected);
});

test('the stemmer is Porter’s with Martin’s corrections', () => {
  for (const [word, stem] of Object.entries(stems)) expect(stemmer(word), word).toBe(stem);
});

test('no texts give zero, and a text without words scores nothing', () => {
  expect([meanMeteor([], []), meanCider([], []), meanRougeLOfWords([], []), corpusNist([], [])]).toEqual([0, 0, 0, 0]);
  expect(meanMeteor([[]], [[['a']]])).toBe(0);
  expect(meanRougeLOfWords([[]], [[['a']]])).toBe(0);
  expect(corpusNist([[]], [[['a']]])).toBe(0);
});

test('a text without reference is a fault of the caller, not a zero', () => {
  expect(() => corpusNist([['a']], [[]])).toThrow(RangeError);
});
