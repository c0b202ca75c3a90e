import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gridTotals, matrixAtPoint, matrixGrid, moveInGrid } from '../../../../src-renderer/charts/matrixGrid.ts';

const fixture = JSON.parse(
  readFileSync(new URL('../../../golden/fixtures/more/real/ranks-SmolLM2-135M-Instruct.json', import.meta.url), 'utf8'),
) as { matrices: Record<string, { out: number; in: number; k_sum: number[] }> };
const smol = Object.keys(fixture.matrices)
  .sort()
  .map((name) => ({ name, layer: Number(name.split('.')[2]), module: name.split('.').at(-1) ?? '' }));

describe('a Llama model', () => {
  const grid = matrixGrid(smol);
  test('columns stand in the order of computation, whatever the order in the file', () => {
    expect(grid.columns.map((c) => c.label)).toEqual(['q', 'k', 'v', 'o', 'gate', 'up', 'down']);
  });
  test('rows are numbered layers, not strings (10 after 9)', () => {
    expect(grid.layers).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });
  test('attention and MLP are set apart', () => {
    expect(grid.columns.map((c) => c.x)).toEqual([0.5, 1.5, 2.5, 3.5, 5, 6, 7]);
    expect(grid.width).toBe(7.5);
  });
  test('a point finds its matrix; the gap finds none', () => {
    expect(smol[matrixAtPoint(grid, 5.2, 12.7)]?.name).toBe('model.layers.12.mlp.gate_proj');
    expect(matrixAtPoint(grid, 4.2, 12.7)).toBe(-1);
    expect(matrixAtPoint(grid, 0.5, 30.1)).toBe(-1);
  });
  test('totals per row and per column are those of the table, pending cells left out', () => {
    const ranks = smol.map((m) => fixture.matrices[m.name]?.k_sum[2] ?? NaN);
    const totals = gridTotals(grid, ranks);
    const ofLayer3 = smol.reduce((sum, m, i) => (m.layer === 3 ? sum + (ranks[i] ?? 0) : sum), 0);
    expect(totals.rows[3]).toBe(ofLayer3);
    expect(totals.rows.reduce((a, b) => a + b, 0)).toBe(totals.columns.reduce((a, b) => a + b, 0));
    ranks[0] = NaN;
    expect(Number.isFinite(gridTotals(grid, ranks).rows[0])).toBe(true);
  });
});

test('GPT-2 has two different c_proj; they must not share a column', () => {
  const names = ['attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj'].map((path) => `transformer.h.0.${path}`);
  const grid = matrixGrid(names.map((name) => ({ name, layer: 0, module: name.split('.').at(-1) ?? '' })));
  expect(grid.columns.map((c) => c.label)).toEqual(['qkv', 'o', 'fc', 'down']);
  expect(grid.columns.map((c) => c.group)).toEqual(['attention', 'attention', 'mlp', 'mlp']);
});

describe('moving by keys', () => {
  const holey = [
    '0.self_attn.q_proj',
    '0.self_attn.v_proj',
    '1.self_attn.q_proj',
    '1.self_attn.k_proj',
    '1.self_attn.v_proj',
  ].map((path) => ({ name: `model.layers.${path}`, layer: Number(path[0]), module: path.split('.').at(-1) ?? '' }));
  const grid = matrixGrid(holey);
  test('steps over a hole and stops at the edge', () => {
    expect(moveInGrid(grid, 0, 'right')).toBe(1);
    expect(moveInGrid(grid, 1, 'right')).toBe(1);
    expect(moveInGrid(grid, 3, 'up')).toBe(3);
    expect(moveInGrid(grid, 0, 'down')).toBe(2);
  });
  test('Home, End and the corners', () => {
    expect(moveInGrid(grid, 4, 'row-start')).toBe(2);
    expect(moveInGrid(grid, 2, 'row-end')).toBe(4);
    expect(moveInGrid(grid, 4, 'first')).toBe(0);
    expect(moveInGrid(grid, 0, 'last')).toBe(4);
  });
});
