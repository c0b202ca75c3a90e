import { ignoredLabel, type LabelledBatch } from '../../src-main/decoder/batch.ts';

/** Sequences as one ragged batch; every token predicts the next of its sequence. */
export function batchOf(sequences: readonly (readonly number[])[]): LabelledBatch {
  return {
    tokens: Int32Array.from(sequences.flat()),
    positions: Int32Array.from(sequences.flatMap((sequence) => sequence.map((_, i) => i))),
    lengths: sequences.map((sequence) => sequence.length),
    labels: Int32Array.from(sequences.flatMap((sequence) => [...sequence.slice(1), ignoredLabel])),
  };
}

/** Tokens below 256, the same for the same seed. */
export function sequenceOf(length: number, seed: number): number[] {
  return Array.from({ length }, (_, i) => (seed * 7919 + i * 104729 + i * i * 31) % 256);
}
