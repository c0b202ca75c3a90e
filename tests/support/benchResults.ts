import { comparison } from '../bench/comparison.ts';
import type { Comparison, RowResult } from '../bench/results.ts';

/** A speed of ours and the peer's in two rounds. */
export function speed(name: string, ours: readonly number[], peer: readonly number[], limit?: number): Comparison {
  return comparison({
    name,
    unit: 'tokens/s',
    kind: 'rate',
    ours,
    peer,
    ...(limit === undefined ? {} : { goal: { of: 'ratio', limit } }),
  });
}

export function memory(name: string, ours: number, peer: number): Comparison {
  return comparison({ name, unit: 'MB', kind: 'cost', ours: [ours], peer: [peer] });
}

export function resultOf(row: string, comparisons: readonly Comparison[]): RowResult {
  return {
    row,
    date: '2026-11-23T12:00:00.000Z',
    commit: 'abc1234',
    changed: false,
    quick: false,
    busyBefore: 0.05,
    seconds: 12,
    threads: 2,
    machine: { cpu: 'A processor', cores: 2, memoryGib: 24, system: 'Linux 6.1', gpu: null },
    versions: { TensorFlow: '2.18.1', PyTorch: '2.15.0' },
    comparisons,
  };
}
