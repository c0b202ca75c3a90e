import { countLabels, evaluationBatches } from '../data/batches.ts';
import { ignoredLabel, type LabelledBatch } from '../decoder/batch.ts';
import type { Decoder } from '../decoder/decoder.ts';
import { at } from '../util/at.ts';
import { commonPrefix } from '../util/commonPrefix.ts';

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
 * of the question begin with are left out, since they change nothing in the order. The tokens of a question are computed
 * once for all of its answers.
 * @param batchSize questions of a forward pass at most
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
  const asked = questions.flatMap((candidates, index) =>
    candidates.length === 0 ? [] : [familyOf(candidates, index)],
  );
  const lengths = asked.map(({ shared, sequences }) =>
    sequences.reduce((sum, { read }) => sum + read.length - shared, shared),
  );
  let done = 0;
  for (const batch of evaluationBatches(lengths, batchSize, maxBatchTokens)) {
    const chosen = batch.map((i) => at(asked, i));
    const found = await scoresOf(decoder, chosen, signal);
    chosen.forEach(({ index }, i) => (scores[index] = at(found, i)));
    done += batch.length;
    onProgress(done, asked.length);
  }
  return scores;
}

/** A question with its answers, which share its tokens. */
interface AskedQuestion {
  /** Among all questions. */
  readonly index: number;
  readonly shared: number;
  readonly sequences: readonly {
    /** The last token is only predicted, never read. */
    readonly read: Int32Array;
    /** What each position is to predict. */
    readonly labels: Int32Array;
  }[];
}

function familyOf(candidates: readonly Candidate[], index: number): AskedQuestion {
  // The position that predicts the first token by which answers differ is every answer's own.
  const from = Math.max(1, candidates[0]?.from ?? 1, commonPrefix(candidates.map(({ ids }) => ids))) - 1;
  const sequences = candidates.map(({ ids }) => ({
    read: ids.subarray(0, -1),
    labels: ids.slice(1).fill(ignoredLabel, 0, from),
  }));
  const shared = Math.min(from, ...sequences.map(({ read }) => Math.max(0, read.length - 1)));
  return { index, shared, sequences };
}

/** Of each candidate of each question. */
async function scoresOf(
  decoder: Decoder,
  questions: readonly AskedQuestion[],
  signal: AbortSignal,
): Promise<number[][]> {
  const batch = batchOf(questions);
  const losses = new Float32Array(countLabels(batch));
  if (losses.length > 0) await decoder.loss(batch, signal, losses);
  let next = 0;
  return questions.map(({ sequences }) =>
    sequences.map(({ labels }) => {
      const count = countLabels({ labels });
      return losses.subarray(next, (next += count)).reduce((sum, loss) => sum - loss, 0);
    }),
  );
}

/** Each question is a family. */
function batchOf(questions: readonly AskedQuestion[]): LabelledBatch {
  const rows = questions.flatMap(({ shared, sequences }) =>
    sequences.flatMap(({ read, labels }, i) => {
      const all = [...read].map((token, position) => ({ token, position, label: labels[position] ?? ignoredLabel }));
      return i === 0 ? all : all.slice(shared);
    }),
  );
  return {
    tokens: Int32Array.from(rows, ({ token }) => token),
    positions: Int32Array.from(rows, ({ position }) => position),
    labels: Int32Array.from(rows, ({ label }) => label),
    lengths: questions.flatMap(({ sequences }) => sequences.map(({ read }) => read.length)),
    families: questions.map(({ shared, sequences }) => ({ sequences: sequences.length, shared })),
  };
}
