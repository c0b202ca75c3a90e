import { assembleBatch, evaluationBatches } from '../data/batches.ts';
import type { TokenisedExample } from '../data/tokenise.ts';
import type { Decoder } from '../decoder/decoder.ts';

/** Tokens of one forward pass. */
const maxBatchTokens = 4096;

/** The tokens of one possible answer after its prompt. */
export interface Candidate {
  readonly ids: Int32Array;
  /** Where the answer begins. */
  readonly from: number;
}

/**
 * log p of each possible answer of each question: the sum over the tokens of the answer, of which those that all answers
 * of the question begin with are left out, since they change nothing in the order. Answers that differ in their last
 * token alone share one forward pass.
 * @returns natural logarithms in the order of the candidates
 * @throws AppError CANCELLED
 */
export async function answerLikelihoods(
  decoder: Decoder,
  questions: readonly (readonly Candidate[])[],
  batchSize: number,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<number[][]> {
  const scores = questions.map((candidates) => candidates.map(() => 0));
  const passes = questions.flatMap((candidates, question) => passesOf(candidates, question));
  const lengths = passes.map((pass) => pass.example.ids.length);
  let done = 0;
  for (const batch of evaluationBatches(lengths, batchSize, maxBatchTokens)) {
    const chosen = batch.map((i) => passes[i]).filter((pass) => pass !== undefined);
    await scorePasses(decoder, chosen, scores, signal);
    done += batch.length;
    onProgress(done, passes.length);
  }
  return scores;
}

/** One sequence to run, and the candidates whose tokens it predicts. */
interface ForwardPass {
  readonly question: number;
  readonly example: TokenisedExample;
  /** First position whose prediction counts. */
  readonly from: number;
  readonly candidates: { readonly index: number; readonly ids: Int32Array }[];
}

function passesOf(candidates: readonly Candidate[], question: number): ForwardPass[] {
  const first = candidates[0];
  if (first === undefined) return [];
  let from = first.from;
  while (candidates.every(({ ids }) => from < ids.length && ids[from] === first.ids[from])) from += 1;
  const passes = new Map<string, ForwardPass>();
  for (const [index, { ids }] of candidates.entries()) {
    // The last token is only predicted, never read.
    const read = ids.subarray(0, -1);
    const key = read.join(' ');
    const pass = passes.get(key);
    if (pass !== undefined) pass.candidates.push({ index, ids });
    else {
      const example = { row: question, ids: read, loss: new Uint8Array(read.length), truncated: 0 };
      passes.set(key, { question, example, from: from - 1, candidates: [{ index, ids }] });
    }
  }
  return [...passes.values()];
}

async function scorePasses(
  decoder: Decoder,
  passes: readonly ForwardPass[],
  scores: readonly number[][],
  signal: AbortSignal,
): Promise<void> {
  const batch = assembleBatch(
    passes.map((pass) => pass.example),
    passes.map((_, i) => i),
  );
  const places: { readonly pass: ForwardPass; readonly position: number }[] = [];
  const rows: number[] = [];
  let begin = 0;
  for (const pass of passes) {
    const { length } = pass.example.ids;
    for (let position = pass.from; position < length; position += 1) {
      places.push({ pass, position });
      rows.push(begin + position);
    }
    begin += length;
  }
  const logits = await decoder.logits(batch, signal, rows);
  const { vocabularySize } = decoder.arch;
  for (const [i, { pass, position }] of places.entries()) {
    const own = logits.subarray(i * vocabularySize, (i + 1) * vocabularySize);
    const total = logSumExp(own);
    for (const { index, ids } of pass.candidates) {
      const next = ids[position + 1];
      const score = scores[pass.question];
      if (next !== undefined && score !== undefined) score[index] = (score[index] ?? 0) + (own[next] ?? 0) - total;
    }
  }
}

/** log Σ exp, without overflow. */
function logSumExp(logits: Float32Array): number {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return largest + Math.log(sum);
}
