import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trainConfigFrom } from '../../../src-main/commands/trainOptions.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sara-options-'));
});
afterAll(async () => rm(folder, { recursive: true }));

test('options become a configuration with the defaults filled in', async () => {
  const config = await trainConfigFrom('model', {
    data: 'rows.jsonl',
    steps: '24',
    lr: '1e-3',
    threshold: '0.035',
    seed: '7',
  });
  expect(config).toMatchObject({
    model: 'model',
    data: { path: 'rows.jsonl', completionOnly: true, skipBadRows: false },
    method: { name: 'sara', threshold: 0.035, measure: 'sum', init: 'zero-b' },
    targets: 'all',
    steps: 24,
    learningRate: 0.001,
    seed: 7,
    batchSize: 8,
  });
});

test('products are float32 unless --products says bfloat16; another type is refused by the option’s name', async () => {
  expect((await trainConfigFrom('model', { data: 'rows.jsonl' })).products).toBe('float32');
  expect((await trainConfigFrom('model', { data: 'rows.jsonl', products: 'bfloat16' })).products).toBe('bfloat16');
  await expect(trainConfigFrom('model', { data: 'rows.jsonl', products: 'float8' })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('--products') as unknown,
  });
});

test('options override the configuration file, and what they do not name stays', async () => {
  const file = join(folder, 'run.json');
  await writeFile(
    file,
    JSON.stringify({
      data: { path: 'a.jsonl', skipBadRows: true },
      method: { name: 'sara', threshold: 0.2, init: 'svd' },
      steps: 5,
      batchSize: 2,
    }),
  );
  const config = await trainConfigFrom('model', { config: file, threshold: '0.1', steps: '9' });
  expect(config).toMatchObject({
    data: { path: 'a.jsonl', skipBadRows: true },
    method: { threshold: 0.1, init: 'svd' },
    steps: 9,
    batchSize: 2,
  });
});

test('another method than the file’s starts from its own defaults', async () => {
  const file = join(folder, 'sara.json');
  await writeFile(file, JSON.stringify({ data: { path: 'a.jsonl' }, method: { name: 'sara', threshold: 0.2 } }));
  const config = await trainConfigFrom('model', { config: file, method: 'lora', rank: '4' });
  expect(config.method).toEqual({ name: 'lora', rank: 4, alpha: 16, dropout: 0 });
});

test('without --lr each method begins with a rate of its own; what a file says stays', async () => {
  const rate = async (options: Record<string, string>) =>
    (await trainConfigFrom('model', { data: 'rows.jsonl', ...options })).learningRate;
  expect(await rate({})).toBe(3e-3);
  expect(await rate({ init: 'raw-lambda' })).toBe(1e-3);
  expect(await rate({ method: 'mosara' })).toBe(0.1);
  expect(await rate({ method: 'full' })).toBe(1e-4);
  const file = join(folder, 'rate.json');
  await writeFile(file, JSON.stringify({ learningRate: 0.5 }));
  expect(await rate({ config: file, method: 'full' })).toBe(0.5);
});

test('layers are numbers and spans of them', async () => {
  expect((await trainConfigFrom('model', { data: 'x', layers: '0,4-6' })).layers).toEqual([0, 4, 5, 6]);
  await expect(trainConfigFrom('model', { data: 'x', layers: '6-4' })).rejects.toThrow(/--layers/);
});

test('a budget takes the rest of the rank rule', async () => {
  const { method } = await trainConfigFrom('model', { data: 'x', method: 'lora', budget: '0.1', measure: 'energy' });
  expect(method).toMatchObject({ name: 'lora', budget: { threshold: 0.1, measure: 'energy', granularity: 'matrix' } });
});

test.each([
  [{ data: 'x', threshold: '1.5' }, '--threshold'],
  [{ data: 'x', steps: '0' }, '--steps'],
  [{ data: 'x', 'batch-size': 'many' }, '--batch-size'],
  [{ data: 'x', method: 'qlora' }, '--method'],
  [{ data: 'x', rank: '4' }, '--rank'],
  [{ data: 'x', method: 'lora', threshold: '0.1' }, '--threshold'],
  [{ data: 'x', method: 'lora', budget: '2' }, '--budget'],
  [{ data: 'x', schedule: 'step' }, '--schedule'],
  [{}, '--data'],
  [{ data: 'x', 'prompt-column': 'q' }, '--completion-column'],
])('%j is refused with the option’s name', async (options, name) => {
  await expect(trainConfigFrom('model', options)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(name) as string,
  });
});

test('a configuration that is not JSON is named', async () => {
  const file = join(folder, 'broken.json');
  await writeFile(file, '{');
  await expect(trainConfigFrom('model', { config: file })).rejects.toMatchObject({
    code: 'SETTINGS_INVALID',
    message: expect.stringContaining('broken.json') as string,
  });
});
