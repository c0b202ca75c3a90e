/** BLEU and ROUGE-L of this app against sacrebleu and rouge-score, on texts that no fixture was made of. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { corpusBleu } from '../../src-main/metrics/bleu.ts';
import { meanRougeL } from '../../src-main/metrics/rougeL.ts';
import { Rng } from '../../src-main/util/rng.ts';
import { askAll, type Job } from './consumers.ts';

const words = [
  ...['the', 'The', 'pub', 'near', 'a', 'river', 'is', 'cheap', 'family-friendly', "don't", 'city-centre,', 'naïve'],
  ...['£20-25', '3,000.50', '5-star', 'e.g.', '(or', 'not)', '“quoted”', '50%', '日本', '🙂', '&amp;', 'end.', '...'],
];

function text(rng: Rng): string {
  return Array.from({ length: 1 + rng.integer(18) }, () => words[rng.integer(words.length)]).join(' ');
}

/** A reference with some words left out or changed, so that there is something to find. */
function like(reference: string, rng: Rng): string {
  return reference
    .split(' ')
    .flatMap((word) => (rng.integer(5) === 0 ? (rng.integer(2) === 0 ? [] : [text(rng).split(' ')[0] ?? '']) : [word]))
    .join(' ');
}

test('metrics have the values of sacrebleu and rouge-score', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sara-interop-'));
  try {
    const jobs = Array.from({ length: 40 }, (_, seed): Job => {
      const rng = new Rng(seed + 1);
      const references = Array.from({ length: 12 }, () => Array.from({ length: 1 + rng.integer(4) }, () => text(rng)));
      const hypotheses = references.map((own) => like(own[rng.integer(own.length)] ?? '', rng));
      return { name: String(seed), kind: 'metrics', path: '', tokens: [], out: '', hypotheses, references };
    });
    const answers = await askAll(jobs, folder);
    for (const { name, hypotheses = [], references = [] } of jobs) {
      const answer = answers.get(name);
      expect(answer?.error).toBeUndefined();
      expect(corpusBleu(hypotheses, references).score).toBeCloseTo(answer?.bleu ?? NaN, 9);
      expect(meanRougeL(hypotheses, references)).toBeCloseTo(answer?.rougeL ?? NaN, 12);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
