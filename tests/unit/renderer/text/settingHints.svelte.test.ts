import { expect, test } from 'vitest';
import { methodSettings } from '../../../../src-renderer/features/methods/methodSettings.ts';
import { settingsTable } from '../../../../src-renderer/features/train/settingsTable.ts';
import { setLanguage, t, type PlainKey } from '../../../../src-renderer/text/text.svelte.ts';

const methodKeys = Object.values(methodSettings).flatMap((list) => list.map(({ key }) => key));
const hints: readonly PlainKey[] = [
  ...settingsTable.map(({ key }) => `train.set.${key}.hint` as const),
  ...['train.set.beta1.hint', 'train.set.beta2.hint', 'train.set.samplePrompts.hint'],
  ...new Set(methodKeys.map((key) => `method.set.${key}.hint` as const)),
  ...['ranks.measure.hint', 'ranks.granularity.hint', 'ranks.bounds.hint', 'ranks.modules.hint', 'ranks.layers.hint'],
  ...['data.completionOnly.hint', 'data.system.hint', 'data.validation.hint', 'data.validation.seed.hint'],
] as readonly PlainKey[];

// Would catch: a setting that says what it is called in other words, and not when to change it.
test.each(['en', 'zh'] as const)('every setting says what it does and when to change it (%s)', (language) => {
  setLanguage(language);
  const short = hints.filter((key) => {
    const parts = t(key)
      .split(/[.;:。；：]/)
      .filter((part) => part.trim().length > 2);
    return parts.length < 2;
  });
  setLanguage('en');
  expect(short).toEqual([]);
});
