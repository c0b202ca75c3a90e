import type { Calibration } from '../contract/gates.ts';
import type { ProgressEvent } from '../contract/results.ts';
import { assembleBatch, evaluationBatches } from '../data/batches.ts';
import type { Decoder } from '../decoder/decoder.ts';
import { GateMeter } from '../evaluation/gateMeter.ts';
import { compareLogits } from '../export/compareLogits.ts';
import { macrotask } from '../util/macrotask.ts';
import type { CalibrationRows } from './calibrationRows.ts';
import type { GatedAdapters } from './gatedRun.ts';
import { negativeLogProbabilities } from './negativeLogProbabilities.ts';

/** Rows of one forward pass. */
const batchRows = 8;
const batchTokens = 4096;
/** Logits that are compared at once: 64 MB as float32, of each side. */
const comparedLogits = 16e6;

/**
 * Averages the gates over rows, all matrices in the same passes of the exact adapter, and measures on those rows what
 * the means in their place cost. Afterwards the gates are the router’s again.
 * @param decoder with the adapters on it
 * @throws AppError CANCELLED
 */
export async function calibrate(
  decoder: Decoder,
  adapters: GatedAdapters,
  { source, examples }: CalibrationRows,
  step: number,
  emit: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<Calibration> {
  const { gates } = adapters;
  const batches = evaluationBatches(
    examples.map(({ ids }) => ids.length),
    batchRows,
    batchTokens,
  ).map((batch) => assembleBatch(examples, batch));
  const meter = new GateMeter();
  await meter.during(decoder.kernels, adapters, async () => {
    for (const [done, batch] of batches.entries()) {
      emit({ phase: 'Averaging the gates', done, total: batches.length });
      await macrotask(signal);
      await decoder.loss(batch, signal);
    }
  });
  const matrices = meter.statistics();
  const means = new Map(matrices.map(({ name, mean }) => [name, mean]));
  const { vocabularySize } = decoder.arch;
  const total = { positions: 0, kl: 0, agreed: 0, adapter: 0, frozen: 0 };
  try {
    for (const [done, batch] of batches.entries()) {
      emit({ phase: 'Measuring the loss of quality', done, total: batches.length });
      for (const rows of stretches(labelled(batch.labels), Math.max(1, Math.floor(comparedLogits / vocabularySize)))) {
        await macrotask(signal);
        const labels = rows.map((row) => batch.labels[row] ?? 0);
        gates.freeze(undefined);
        const exact = await decoder.logits(batch, signal, rows);
        gates.freeze(means);
        const frozen = await decoder.logits(batch, signal, rows);
        const compared = compareLogits(exact, frozen, vocabularySize);
        total.positions += compared.positions;
        total.kl += compared.kl * compared.positions;
        total.agreed += compared.topOneAgreement * compared.positions;
        total.adapter += negativeLogProbabilities(exact, labels, vocabularySize);
        total.frozen += negativeLogProbabilities(frozen, labels, vocabularySize);
      }
    }
  } finally {
    gates.freeze(undefined);
  }
  const { positions } = total;
  return {
    step,
    source,
    rows: examples.length,
    tokens: meter.tokens,
    positions,
    kl: total.kl / positions,
    topOneAgreement: total.agreed / positions,
    adapter: lossAndPerplexity(total.adapter / positions),
    frozen: lossAndPerplexity(total.frozen / positions),
    matrices,
  };
}

function lossAndPerplexity(loss: number): { readonly loss: number; readonly perplexity: number } {
  return { loss, perplexity: Math.exp(loss) };
}

/** The positions that carry loss. */
function labelled(labels: Int32Array): number[] {
  return [...labels.keys()].filter((row) => (labels[row] ?? -1) >= 0);
}

function stretches(rows: readonly number[], length: number): number[][] {
  return Array.from({ length: Math.ceil(rows.length / length) }, (_, i) => rows.slice(i * length, (i + 1) * length));
}
