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
});
