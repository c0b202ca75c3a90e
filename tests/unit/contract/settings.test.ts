import { expect, test } from 'vitest';
import { settingsPatchSchema, settingsSchema } from '../../../src-main/contract/settings.schema.ts';

// Would catch: a change of the theme that sets language, threads and contrast back.
test('a change of settings names nothing but what is changed', () => {
  expect(settingsPatchSchema.parse({ theme: 'dark' })).toEqual({ theme: 'dark' });
  expect(settingsPatchSchema.parse({})).toEqual({});
});

test('every setting has a default, and can be changed', () => {
  const { version, ...defaults } = settingsSchema.parse({});
  expect(version).toBe(1);
  expect(settingsPatchSchema.parse(defaults)).toEqual(defaults);
});
