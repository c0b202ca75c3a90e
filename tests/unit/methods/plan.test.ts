import { describe, expect, test } from 'vitest';
import type { MatrixSpectrum } from '../../../src-main/contract/analysis.ts';
import { methodSchema, type MethodConfig } from '../../../src-main/contract/methods.schema.ts';
import type { AdapterRank } from '../../../src-main/contract/training.ts';
import { methodOf, planAdapters } from '../../../src-main/methods/registry.ts';

function matrix(layer: number, module: string, shape: [number, number], values: number[] = [1]): MatrixSpectrum {
  return {
    name: `model.layers.${String(layer)}.self_attn.${module}`,
    layer,
    module,
    shape,
    singularValues: Float32Array.from(values),
  };
}

const matrices = [
  matrix(0, 'q_proj', [8, 4], [4, 3, 2, 1]),
  matrix(0, 'v_proj', [2, 4], [1, 1]),
  matrix(1, 'q_proj', [8, 4], [10, 0, 0, 0]),
];
const spectra = new Map(matrices.map((m) => [m.name, m]));

function plan(method: unknown): AdapterRank[] {
  const config: MethodConfig = methodSchema.parse(method);
  const known = methodOf(config).needsSpectra(config) ? spectra : new Map<string, MatrixSpectrum>();
  return planAdapters(matrices, config, known);
}

describe('ranks', () => {
  test('SARA follows the rank rule and counts A, B and lambda', () => {
    const ranks = plan({ name: 'sara', threshold: 0.5 });
    expect(ranks.map((r) => r.rank)).toEqual([2, 1, 1]);
    expect(ranks[0]?.trainable).toBe(2 * (8 + 4 + 1));
  });

  test('LoRA at the budget of SARA has the largest rank that costs no more', () => {
    // SARA at m = 0.9 has ranks 3, 2 and 1: 39 + 14 + 13 = 66 parameters; a rank of LoRA costs 12 + 6 + 12 = 30.
    const budget = { threshold: 0.9 };
    const trainable = (ranks: readonly AdapterRank[]): number => ranks.reduce((sum, r) => sum + r.trainable, 0);
    expect(trainable(plan({ name: 'sara', ...budget }))).toBe(66);
    const ranks = plan({ name: 'lora', rank: 50, budget });
    expect(ranks.map((r) => r.rank)).toEqual([2, 2, 2]);
    expect(trainable(ranks)).toBe(60);
    // A budget that pays for no whole rank still gives one.
    expect(plan({ name: 'lora', budget: { threshold: 0.01 } }).map((r) => r.rank)).toEqual([1, 1, 1]);
  });

  test.each(['lora', 'pissa'])('%s has its one rank, never more than the matrix has', (name) => {
    const ranks = plan({ name, rank: 3 });
    expect(ranks.map((r) => r.rank)).toEqual([3, 2, 3]);
    expect(ranks[1]?.trainable).toBe(2 * (2 + 4));
  });
});
