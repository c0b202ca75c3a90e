import { expect, test } from 'vitest';
import { barsOf } from '../../../../src-renderer/features/data/histogramBars.ts';
import { sequenceLengthOf, splitRows } from '../../../../src-renderer/features/data/dataFacts.ts';
import { drawLayer, groupOf } from '../../../../src-renderer/features/model/layerShapes.ts';
import { smollm, stories } from '../../../renderer/fakeContents.ts';

test('a layer is drawn to one scale, on one base line, without overlap', () => {
  const { matrices, height, width } = drawLayer(smollm.targets, 144);
  expect(matrices.map(({ module }) => module)).toEqual([
    'q_proj',
    'k_proj',
    'v_proj',
    'o_proj',
    'gate_proj',
    'up_proj',
    'down_proj',
  ]);
  const down = matrices[6];
  expect([down?.width, down?.height]).toEqual([144, 54]);
  for (const [i, matrix] of matrices.entries()) {
    expect(matrix.y + matrix.height).toBeCloseTo(height);
    const next = matrices[i + 1];
    expect(matrix.x + matrix.width).toBeLessThan(next?.x ?? width + 1);
  }
});

test('attention and MLP are told apart in the names of every family', () => {
  const names = ['model.layers.0.self_attn.q_proj', 'h.0.attn.c_attn', 'model.layers.0.self_attn.qkv_proj'];
  expect(names.map((name) => groupOf({ name }))).toEqual(['attention', 'attention', 'attention']);
  expect(['model.layers.0.mlp.gate_up_proj', 'h.0.mlp.c_fc'].map((name) => groupOf({ name }))).toEqual(['mlp', 'mlp']);
});

test('bars cover the axis, show every bin that has rows, and mark what the sequence length cuts', () => {
  const { list, limitX } = barsOf({ edges: [10, 20, 40], counts: [100, 0, 1] }, 20, { width: 280, height: 72 });
  expect(list.map(({ height }) => height)).toEqual([70, 0, 1.5]);
  expect(list.map(({ cut }) => cut)).toEqual([false, false, true]);
  expect(limitX).toBe(140);
  expect(barsOf({ edges: [10], counts: [1] }, 512, { width: 280, height: 72 }).limitX).toBeUndefined();
});

test('no sequence length is proposed that the model cannot read', () => {
  expect(sequenceLengthOf(undefined, stories)).toBe(512);
  expect(sequenceLengthOf(undefined, { ...stories, contextLength: 128 })).toBe(128);
  expect(sequenceLengthOf({ sequenceLength: 64 }, stories)).toBe(64);
});

test('learnt and held-out rows add up to all rows', () => {
  const data = {
    path: '/d',
    validationShare: 0.1,
    template: 'chat',
    completionOnly: true,
    skipBadRows: false,
  } as const;
  expect(splitRows(384, data)).toEqual({ train: 346, valid: 38 });
  expect(splitRows(384, { ...data, validationPath: '/v' })).toEqual({ train: 384, valid: 0 });
});
