import { describe, expect, test } from 'vitest';
import { loraSchema } from '../../../../src-main/contract/methods.schema.ts';
import { trainConfigSchema } from '../../../../src-main/contract/requests.schema.ts';
import { matchingPreset, presetNames, presetPatch } from '../../../../src-renderer/features/train/presets.ts';
import { promptOfRow } from '../../../../src-renderer/features/train/promptOfRow.ts';
import { settingsTable, type Setting } from '../../../../src-renderer/features/train/settingsTable.ts';
import { defaultLora, settingsOf, trainDefaults } from '../../../../src-renderer/state/trainDefaults.ts';
import { wordDiff } from '../../../../src-renderer/features/train/wordDiff.ts';

const place = { model: '/m', data: { path: '/d' } };

describe('settings', () => {
  test('the defaults shown are the defaults used', () => {
    const { model: _model, data: _data, ...parsed } = trainConfigSchema.parse({ ...place, method: { name: 'sara' } });
    expect(trainDefaults).toEqual(parsed);
    expect(defaultLora).toEqual(loraSchema.parse({ name: 'lora' }));
  });
  test('a setting taken away falls back to its default', () => {
    expect(settingsOf({ batchSize: undefined, seed: 7 })).toMatchObject({ batchSize: 8, seed: 7 });
  });
  test('every setting of a run can be reached: in the table or beside it', () => {
    const beside = new Set(['model', 'data', 'method', 'targets', 'layers', 'betas', 'samplePrompts']);
    const inTable = new Set<string>(settingsTable.map((setting) => setting.key));
    const missing = Object.keys(trainConfigSchema.shape).filter((key) => !beside.has(key) && !inTable.has(key));
    expect(missing).toEqual([]);
  });
  test('the bounds of the window lie within those of the engine', () => {
    for (const setting of settingsTable as readonly Setting[]) {
      if (setting.kind !== 'number') continue;
      const config = { ...place, method: { name: 'sara' }, [setting.key]: setting.min };
      expect(trainConfigSchema.safeParse(config).success, `${setting.key} ${String(setting.min)}`).toBe(true);
    }
  });
});

describe('presets', () => {
  test.each(presetNames)('%s gives a valid configuration and is recognised by its values', (name) => {
    const settings = settingsOf({ ...trainDefaults, ...presetPatch(name, trainDefaults) });
    expect(trainConfigSchema.safeParse({ ...place, ...settings }).success).toBe(true);
    expect(matchingPreset(settings)).toBe(name);
  });
  test.each(presetNames)('%s keeps the method', (name) => {
    const settings = { ...trainDefaults, method: defaultLora };
    expect({ ...settings, ...presetPatch(name, settings) }.method?.name).toBe('lora');
  });
  test('a changed value is no preset any more, another m still is', () => {
    const settings = settingsOf(presetPatch('quick', trainDefaults));
    expect(matchingPreset({ ...settings, learningRate: 0.02 })).toBeUndefined();
    const { method } = settings;
    expect(method).toEqual(trainDefaults.method);
    if (method.name === 'sara')
      expect(matchingPreset({ ...settings, method: { ...method, threshold: 0.2 } })).toBe('quick');
  });
});

describe('a sample prompt from the data', () => {
  test('is the question of each layout', () => {
    expect(promptOfRow('{"prompt":"a","completion":"b"}')).toBe('a');
    expect(promptOfRow('{"instruction":"do","input":"this","output":"x"}')).toBe('do this');
    expect(promptOfRow('{"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]}')).toBe('u');
    expect(promptOfRow('{"mr":"name[X]","ref":"X is."}')).toBe('name[X]');
    expect(promptOfRow('{"conversations":[{"from":"human","value":"h"},{"from":"gpt","value":"g"}]}')).toBe('h');
    expect(promptOfRow('{"frage":"f","antwort":"a"}', { prompt: 'frage', completion: 'answer' })).toBe('f');
  });
  test('is left out where a row has none or is broken', () => {
    for (const raw of ['{"text":"only"}', '[1]', 'not json', '{"prompt":"  "}', '{"messages":[{}]}']) {
      expect(promptOfRow(raw)).toBeUndefined();
    }
  });
});

describe('the difference of two answers', () => {
  test('marks the words that went and came', () => {
    expect(wordDiff('the old cat sat', 'the cat sat down')).toEqual([
      { kind: 'same', text: 'the' },
      { kind: 'removed', text: ' old' },
      { kind: 'same', text: ' cat sat' },
      { kind: 'added', text: ' down' },
    ]);
  });
  test('two sentences without a common word have nothing in common, spaces included', () => {
    expect(wordDiff('one two three', 'vier fünf').map((piece) => piece.kind)).toEqual(['removed', 'added']);
  });
  test('gives back both texts whole', () => {
    const before = 'a  b\nc d e';
    const after = 'x b c  c d';
    const pieces = wordDiff(before, after);
    const join = (out: string): string =>
      pieces
        .filter((piece) => piece.kind !== out)
        .map((piece) => piece.text)
        .join('');
    expect(join('added')).toBe(before);
    expect(join('removed')).toBe(after);
  });
  test('long texts do not hang the window', () => {
    const long = 'word '.repeat(5000);
    expect(wordDiff(long, `${long}end`).map((piece) => piece.kind)).toEqual(['removed', 'added']);
  });
});
