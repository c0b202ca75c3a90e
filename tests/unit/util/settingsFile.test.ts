import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trainConfigFrom } from '../../../src-main/commands/trainOptions.ts';
import { trainConfigSchema } from '../../../src-main/contract/requests.schema.ts';
import type { SettingsFile } from '../../../src-main/contract/settingsFile.schema.ts';
import {
  dataWithSettings,
  settingsFileName,
  settingsFileOf,
  settingsFileText,
} from '../../../src-main/contract/settingsFile.ts';
import { readSettingsFile } from '../../../src-main/util/settingsFile.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sara-settings-'));
});
afterAll(async () => rm(folder, { recursive: true }));

const config = trainConfigSchema.parse({
  model: '/home/mara/models/stories260K',
  data: {
    path: 'C:\\Users\\mara\\rows.jsonl',
    mapping: { prompt: 'ask', completion: 'reply' },
    dropRows: [3, 9],
    systemPrompt: 'Be brief.',
  },
  method: { name: 'sara', threshold: 0.035, init: 'svd' },
  targets: ['q_proj', 'v_proj'],
  steps: 24,
  betas: [0.8, 0.95],
  samplePrompts: ['Hello'],
});

async function written(value: unknown, name = 'a.sara.json'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

test('a file holds every setting and no path, and gives back what it was made of', async () => {
  const text = settingsFileText(settingsFileOf(config, 'First try'));
  expect(text).not.toContain('mara');
  const { model, data, training, name } = await readSettingsFile(await written(text));
  expect({ model, file: data.file, name }).toEqual({ model: 'stories260K', file: 'rows.jsonl', name: 'First try' });
  const { file, validationFile: _none, ...ofRows } = data;
  expect(file).toBe('rows.jsonl');
  expect({ ...training, model: config.model, data: { ...ofRows, path: config.data.path } }).toEqual(config);
});

test('what a person leaves out takes its default', async () => {
  const small = { format: 'sara-run-settings', version: 1, name: '', model: 'm', data: { file: 'd.csv' } };
  const path = await written({ ...small, training: { method: { name: 'lora', rank: 4 } } });
  expect(await readSettingsFile(path)).toMatchObject({
    data: { validationShare: 0.1, template: 'chat' },
    training: { batchSize: 8, method: { name: 'lora', rank: 4, alpha: 16 } },
  });
});

const good = settingsFileOf(config, 'x');

// Each of these would otherwise be taken over in part, and the person would not know.
test.each<[string, unknown, RegExp]>([
  ['not JSON', '{ nothing', /a\.sara\.json is not valid JSON/],
  ['data rows', [{ prompt: 'a', completion: 'b' }], /holds no settings of a run/],
  ['another program’s settings', { format: 'other', version: 1 }, /holds no settings of a run/],
  ['a newer version', { ...good, version: 2 }, /newer SARA Studio \(version 2 .* reads 1\); update/],
  ['a value out of range', { ...good, training: { ...good.training, learningRate: -1 } }, /training\.learningRate/],
  ['an unknown method', { ...good, training: { ...good.training, method: { name: 'x' } } }, /training\.method/],
  ['a misspelt setting', { ...good, training: { ...good.training, batchsize: 2 } }, /training\.batchsize: no such/],
  [
    'a misspelt setting of the method',
    { ...good, training: { ...good.training, method: { ...good.training.method, treshold: 1 } } },
    /training\.method\.treshold: no such/,
  ],
  ['a path', { ...good, model: '/home/mara/m' }, /model: must be a name without a path/],
])('%s is refused with the reason', async (_name, value, reason) => {
  await expect(readSettingsFile(await written(value))).rejects.toMatchObject({
    code: 'SETTINGS_INVALID',
    message: expect.stringMatching(reason) as string,
  });
});

test('a file that is not there, and one that is far too large, are named', async () => {
  await expect(readSettingsFile(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  await expect(readSettingsFile(await written(' '.repeat(2 ** 20 + 1)))).rejects.toMatchObject({
    message: expect.stringContaining('too large') as string,
  });
});

test('columns and row numbers hold for the file they were chosen in alone', () => {
  const { data }: SettingsFile = good;
  const current = { path: '/elsewhere/rows.jsonl', validationShare: 0.5, template: 'plain' as const };
  const other = { ...current, completionOnly: false, skipBadRows: false };
  expect(dataWithSettings(other, data)).toEqual({
    data: { ...config.data, path: '/elsewhere/rows.jsonl' },
    leftOut: [],
  });
  const elsewhere = dataWithSettings({ ...other, path: '/elsewhere/others.csv' }, data);
  expect(elsewhere.leftOut).toEqual(['mapping', 'dropRows']);
  expect(elsewhere.data).toMatchObject({ path: '/elsewhere/others.csv', systemPrompt: 'Be brief.', template: 'chat' });
  expect(elsewhere.data).not.toHaveProperty('mapping');
  expect(dataWithSettings(other, { ...data, validationFile: 'v.jsonl' }).leftOut).toEqual(['validationFile']);
});

test('the command line takes an exported file, with model and data of this computer', async () => {
  const path = await written(good);
  expect(await trainConfigFrom('here/stories', { config: path, data: 'here.jsonl', steps: '7' })).toEqual({
    ...config,
    model: 'here/stories',
    data: { ...config.data, path: 'here.jsonl' },
    steps: 7,
  });
  await expect(trainConfigFrom(undefined, { config: path, data: 'here.jsonl' })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(/^MODEL is missing: .* made for the model stories260K/) as string,
  });
  await expect(trainConfigFrom('here', { config: path })).rejects.toMatchObject({
    message: expect.stringMatching(/^--data is missing: .* made for the file rows\.jsonl/) as string,
  });
  const held = await written({ ...good, data: { ...good.data, validationFile: 'v.jsonl' } });
  await expect(trainConfigFrom('here', { config: held, data: 'd.jsonl' })).rejects.toMatchObject({
    message: expect.stringMatching(/^--valid is missing/) as string,
  });
});

test('the name of a file suits every system', () => {
  expect(settingsFileName('SmolLM2 · E2E: restaurants?')).toBe('SmolLM2-E2E-restaurants.sara.json');
  expect(settingsFileName('餐厅 描述')).toBe('餐厅-描述.sara.json');
  expect(settingsFileName('../..')).toBe('settings.sara.json');
});
