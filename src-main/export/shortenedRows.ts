import type { Probe } from './exportPlan.ts';

/** The probe with no row longer than `length` tokens. */
export function shortenedRows(probe: Probe, length: number): Probe {
  const { tokens, positions, lengths } = probe.batch;
  const kept: number[] = [];
  let start = 0;
  for (const own of lengths) {
    for (let i = 0; i < Math.min(own, length); i++) kept.push(start + i);
    start += own;
  }
  return {
    ...probe,
    batch: {
      tokens: Int32Array.from(kept, (i) => tokens[i] ?? 0),
      positions: Int32Array.from(kept, (i) => positions[i] ?? 0),
      lengths: lengths.map((own) => Math.min(own, length)),
    },
    prompts: probe.prompts.filter((prompt) => prompt.length < length),
  };
}
