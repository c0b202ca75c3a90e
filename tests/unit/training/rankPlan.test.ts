import { describe, expect, it } from 'vitest';
import type { MatrixSpectrum } from '../../../src-main/contract/analysis.ts';
import { loraSchema, saraSchema } from '../../../src-main/contract/requests.schema.ts';
import { chooseTargets, planRanks } from '../../../src-main/training/rankPlan.ts';

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

describe('chooseTargets', () => {
  it('takes every matrix, or those of the modules named', () => {
    expect(chooseTargets(matrices, 'all')).toEqual(matrices);
    expect(chooseTargets(matrices, ['v_proj']).map((m) => m.name)).toEqual(['model.layers.0.self_attn.v_proj']);
  });

  it('names a module that the model does not have, and those it has', () => {
    expect(() => chooseTargets(matrices, ['q_proj', 'c_attn'])).toThrow(/no module c_attn.*q_proj, v_proj/);
  });
});

describe('planRanks', () => {
  it('follows the rank rule for SARA and counts A, B and lambda', () => {
    const ranks = planRanks(matrices, saraSchema.parse({ name: 'sara', threshold: 0.5 }), spectra);
    expect(ranks.map((r) => r.rank)).toEqual([2, 1, 1]);
    expect(ranks[0]?.trainable).toBe(2 * (8 + 4 + 1));
  });

  it('gives LoRA its one rank, never more than the matrix has', () => {
    const ranks = planRanks(matrices, loraSchema.parse({ name: 'lora', rank: 3 }), new Map());
    expect(ranks.map((r) => r.rank)).toEqual([3, 2, 3]);
    expect(ranks[1]?.trainable).toBe(2 * (2 + 4));
  });
});
