import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { studyFrom, studyNameFrom } from '../../../src-main/commands/studyOptions.ts';
import type { OptionValues } from '../../../src-main/commands/command.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sara-study-'));
});
afterAll(async () => rm(folder, { recursive: true }));

const skipped: string[] = [];

async function study(name: string, options: OptionValues, models = ['model']) {
  return studyFrom(studyNameFrom(name), models, options, (label) => skipped.push(label));
}

test('options become the settings of a study with the defaults filled in', async () => {
  expect(
    await study('THRESHOLD', { data: 'rows.jsonl', init: 'svd', thresholds: '0.05,0.1', steps: '7', seeds: '0-2' }),
  ).toMatchObject({
    study: 'threshold',
    model: 'model',
    thresholds: [0.05, 0.1],
    method: { name: 'sara', init: 'svd' },
    probe: { data: { path: 'rows.jsonl' }, steps: 7, batchSize: 8 },
    seeds: [0, 1, 2],
  });
  expect(await study('qvmerged', { threshold: '0.3' })).toMatchObject({ study: 'QVmerged', rule: { threshold: 0.3 } });
  expect(await study('scaling', {}, ['a', 'b'])).toMatchObject({ models: ['a', 'b'] });
  expect(await study('relation', { data: 'x', lr: '1e-2' })).toMatchObject({ learningRate: 0.01 });
});

test('a study of thresholds without data has no probes; one that needs them says so', async () => {
  expect(await study('threshold', {})).not.toHaveProperty('probe');
  await expect(study('relation', {})).rejects.toThrow(/--data/);
});

test.each([
  ['heads', { seeds: '0' }, '--seeds'],
  ['overview', { fractions: '0.5' }, '--fractions'],
  ['relation', { data: 'x', lr: '1e-3,2e-3' }, '--lr'],
  ['robustness', { data: 'x', fractions: '2' }, 'fractions'],
  ['nothing', {}, 'nothing'],
] as const)('%s with %j is refused by name', async (name, options, named) => {
  await expect(Promise.resolve().then(async () => study(name, options))).rejects.toThrow(named);
});

test('a plan may name methods that this version does not have: they are left out and told', async () => {
  const config = join(folder, 'plan.json');
  await writeFile(
    config,
    JSON.stringify({
      methods: [
        { label: 'SARA', method: { name: 'sara' } },
        { label: 'of tomorrow', method: { name: 'tomorrow' } },
      ],
      probe: { data: { path: 'rows.jsonl' }, steps: 3 },
    }),
  );
  const settings = await study('ablation', { config, seeds: '4' });
  expect(settings).toMatchObject({ methods: [{ label: 'SARA' }], seeds: [4], probe: { steps: 3 } });
  expect(skipped).toEqual(['of tomorrow']);
});
