/** BLEU and ROUGE-L against sacrebleu and rouge-score; expected.json is made by generate.py beside it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { corpusBleu, type BleuScore } from '../../../src-main/metrics/bleu.ts';
import { meanRougeL, rougeL } from '../../../src-main/metrics/rougeL.ts';

interface Expected {
  readonly sets: readonly {
    readonly name: string;
    readonly hypotheses: readonly string[];
    readonly references: readonly (readonly string[])[];
    readonly bleu: BleuScore;
    readonly rougeL: readonly number[];
  }[];
}
const { sets } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'expected.json'), 'utf8')) as Expected;

describe('BLEU equals sacrebleu', () => {
  for (const { name, hypotheses, references, bleu } of sets) {
    test(name, () => {
      const score = corpusBleu(hypotheses, references);
      expect([score.hypothesisLength, score.referenceLength]).toEqual([bleu.hypothesisLength, bleu.referenceLength]);
      expect(score.score).toBeCloseTo(bleu.score, 9);
      expect(score.brevityPenalty).toBeCloseTo(bleu.brevityPenalty, 12);
      score.precisions.forEach((precision, i) => expect(precision).toBeCloseTo(bleu.precisions[i] ?? NaN, 9));
    });
  }

  test('a hypothesis without reference is a fault of the caller, not a zero', () => {
    expect(() => corpusBleu(['a'], [[]])).toThrow(RangeError);
  });
});

describe('ROUGE-L equals rouge-score', () => {
  for (const { name, hypotheses, references, rougeL: expected } of sets) {
    test(name, () => {
      const each = hypotheses.map((text, i) => Math.max(...(references[i] ?? []).map((other) => rougeL(text, other))));
      each.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 12));
      expect(meanRougeL(hypotheses, references)).toBeCloseTo(expected.reduce((a, b) => a + b, 0) / expected.length, 12);
    });
  }
});
