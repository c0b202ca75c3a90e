import { expect, test } from 'vitest';
import { chosenTensors } from '../../../../src-renderer/state/inspection.svelte.ts';
import { metadataText } from '../../../../src-renderer/features/inspect/metadataText.ts';

const tensors = [
  { name: 'blk.10.attn_q.weight', shape: [64, 64], type: 'Q8_0', bytes: 4_352 },
  { name: 'blk.2.attn_q.weight', shape: [64, 64], type: 'F32', bytes: 16_384 },
  { name: 'token_embd.weight', shape: [256, 64], type: 'Q8_0', bytes: 17_408 },
];
const names = (words: string, order: 'file' | 'name' | 'values' | 'bytes'): string[] =>
  chosenTensors(tensors, words, order).map(({ name }) => name.replace(/\..*$/, (rest) => rest.slice(0, 3)));

test('tensors are found by name, type and shape, every word counting', () => {
  expect(names('attn Q8', 'file')).toEqual(['blk.10']);
  expect(names('256 × 64', 'file')).toEqual(['token_embd.we']);
  expect(names('  ', 'file')).toHaveLength(3);
  expect(names('mlp', 'file')).toEqual([]);
});

// Bug caught: layer 10 stands before layer 2.
test('orders: by name with numbers by value, by values and by bytes from the largest', () => {
  expect(names('', 'name')).toEqual(['blk.2.', 'blk.10', 'token_embd.we']);
  expect(names('', 'values')[0]).toBe('token_embd.we');
  expect(names('', 'bytes')).toEqual(['token_embd.we', 'blk.2.', 'blk.10']);
});

test('metadata: lists say how long they are, long texts are cut with nothing lost', () => {
  expect(metadataText({ length: 3, first: ['a', 'b'] }).start).toBe('3 items: "a", "b", …');
  const long = 'x'.repeat(5_000);
  const { start, rest } = metadataText(long);
  expect(start.length).toBeLessThan(100);
  expect(start + rest).toBe(long);
  expect(metadataText(0).start).toBe('0');
});
