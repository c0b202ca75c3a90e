import { expect, test } from 'vitest';
import { readAhead } from '../../../src-main/util/readAhead.ts';

test('results come in order, the next one under way while one is used', async () => {
  const begun: number[] = [];
  const used: number[] = [];
  const read = (index: number): Promise<number> => {
    begun.push(index);
    return Promise.resolve(index * 10);
  };
  for await (const value of readAhead(3, read)) {
    used.push(value);
    expect(begun).toHaveLength(Math.min(3, used.length + 1));
  }
  expect(used).toEqual([0, 10, 20]);
});

test('a failure comes out at its place, and nothing is read after it', async () => {
  const begun: number[] = [];
  const read = (index: number): Promise<number> => {
    begun.push(index);
    return index === 1 ? Promise.reject(new Error('row 1')) : Promise.resolve(index);
  };
  const used: number[] = [];
  await expect(async () => {
    for await (const value of readAhead(4, read)) used.push(value);
  }).rejects.toThrow('row 1');
  expect(used).toEqual([0]);
  expect(begun).toEqual([0, 1]);
});

test('who stops early waits for the read that is under way', async () => {
  // Bug: a source that is closed while it is being read, or a failure that nobody awaits.
  let settled = false;
  const read = async (index: number): Promise<number> => {
    if (index === 0) return 0;
    await new Promise((resolve) => setTimeout(resolve, 10));
    settled = true;
    throw new Error('nobody asked');
  };
  for await (const value of readAhead(5, read)) {
    expect(value).toBe(0);
    break;
  }
  expect(settled).toBe(true);
});
