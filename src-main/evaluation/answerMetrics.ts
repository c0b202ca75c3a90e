import type { EvaluateResult } from '../contract/results.ts';
import { corpusBleu } from '../metrics/bleu.ts';
import { meanRougeL } from '../metrics/rougeL.ts';
import type { Question } from './questions.ts';

/**
 * Metrics of generated answers.
 * @param answers one for each question, in order
 * @returns BLEU 0 … 100 over the whole, ROUGE-L 0 … 1 as the mean over the questions
 */
export function answerMetrics(
  wanted: readonly ('bleu' | 'rouge-l')[],
  answers: readonly string[],
  questions: readonly Question[],
): Pick<EvaluateResult, 'bleu' | 'rouge-l'> {
  const references = questions.map((question) => question.references);
  return {
    ...(wanted.includes('bleu') ? { bleu: corpusBleu(answers, references).score } : {}),
    ...(wanted.includes('rouge-l') ? { 'rouge-l': meanRougeL(answers, references) } : {}),
  };
}
