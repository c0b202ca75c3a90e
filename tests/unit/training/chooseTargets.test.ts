import { describe, expect, it } from 'vitest';
import type { TargetMatrix } from '../../../src-main/contract/model.ts';
import { chooseTargets } from '../../../src-main/training/chooseTargets.ts';

function matrix(layer: number, module: string): TargetMatrix {
  return { name: `model.layers.${String(layer)}.self_attn.${module}`, layer, module, shape: [8, 4] };
}

const matrices = [matrix(0, 'q_proj'), matrix(0, 'v_proj'), matrix(1, 'q_proj')];

describe('chooseTargets', () => {
  it('takes every matrix, or those of the modules named', () => {
    expect(chooseTargets(matrices, 'all')).toEqual(matrices);
    expect(chooseTargets(matrices, ['v_proj']).map((m) => m.name)).toEqual(['model.layers.0.self_attn.v_proj']);
  });

  it('names a module that the model does not have, and those it has', () => {
    expect(() => chooseTargets(matrices, ['q_proj', 'c_attn'])).toThrow(/no module c_attn.*q_proj, v_proj/);
  });

  it('takes layers by number, and names one that the model does not have', () => {
    expect(chooseTargets(matrices, 'all', [1])).toEqual([matrices[2]]);
    expect(chooseTargets(matrices, ['q_proj'], [0, 1])).toHaveLength(2);
    expect(() => chooseTargets(matrices, 'all', [2])).toThrow(/no layer 2.*0 to 1/);
  });
});
