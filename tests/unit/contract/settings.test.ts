import { expect, test } from 'vitest';
import { projectSchema, settingsPatchSchema, settingsSchema } from '../../../src-main/contract/settings.schema.ts';
import { sampleProject } from '../../../src-main/workspace/sampleProjects.ts';

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

// Would catch: a half-set configuration that is filled with defaults when it is kept, so that the preset is lost.
test('a configuration in a kept project holds what was set and nothing else', () => {
  const config = { method: { name: 'lora', rank: 4 }, steps: 12 } as const;
  const kept = projectSchema.parse({ config });
  expect(Object.keys(kept.config ?? {}).sort()).toEqual(['method', 'steps']);
  expect(projectSchema.parse(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  expect(() => projectSchema.parse({ config: { steps: -1 } })).toThrow();
});

test('a sample leaves open what it does not need', () => {
  const { config } = sampleProject('stories', '/samples');
  expect(config).toMatchObject({ steps: 60, batchSize: 8 });
  expect(config).not.toHaveProperty('schedule');
  expect(config).not.toHaveProperty('weightDecay');
});
