import { describe, expect, test } from 'vitest';
import { methodSchema } from '../../../../src-main/contract/methods.schema.ts';
import { equations } from '../../../../src-renderer/features/methods/equations.ts';
import { methodSettings } from '../../../../src-renderer/features/methods/methodSettings.ts';
import { defaultSara } from '../../../../src-renderer/state/analysis.svelte.ts';
import { choiceOf, methodChoices } from '../../../../src-renderer/state/methodChoices.ts';
import { ruleOf, withRule } from '../../../../src-renderer/state/rankRule.ts';

const rule = { threshold: 0.02, measure: 'energy', granularity: 'layer', cap: 12 } as const;

describe('the choices of methods', () => {
  test.each(methodChoices)('$id begins with settings the engine takes, and is recognised by them', ({ id, begin }) => {
    const parsed = methodSchema.parse(begin(defaultSara, rule));
    expect(parsed).toEqual(begin(defaultSara, rule));
    expect(choiceOf(parsed)).toBe(id);
  });
  // Would catch: a method of the engine that no one can choose in the window.
  test('every method of the engine can be chosen', () => {
    const names = new Set<string>(methodChoices.map(({ begin }) => begin(defaultSara, rule).name));
    expect([...names].sort()).toEqual(methodSchema.options.map(({ shape }) => shape.name.value).sort());
  });
  // Would catch: a setting that was added to a schema and not to the window.
  test('every setting of every method can be reached: in the table, in Ranks, or as a choice of its own', () => {
    const elsewhere = new Set([
      'name',
      'threshold',
      'measure',
      'granularity',
      'floor',
      'cap',
      'budget',
      'rankStabilized',
    ]);
    const missing = methodSchema.options.flatMap(({ shape }) => {
      const own = methodChoices.filter(({ begin }) => begin(defaultSara, rule).name === shape.name.value);
      const shown = new Set<string>(own.flatMap(({ id }) => methodSettings[id].map(({ key }) => key)));
      return Object.keys(shape).filter((key) => !elsewhere.has(key) && !shown.has(key));
    });
    expect(missing).toEqual([]);
  });
  test('the least value a setting allows is one the engine takes', () => {
    for (const { id, begin } of methodChoices) {
      for (const setting of methodSettings[id]) {
        const value = setting.kind === 'number' ? setting.min : setting.choices[0];
        const parsed = methodSchema.safeParse({ ...begin(defaultSara, rule), [setting.key]: value });
        expect(parsed.success, `${id}.${setting.key} = ${String(value)}`).toBe(true);
      }
    }
  });
  test('each equation trains something', () => {
    for (const lines of Object.values(equations))
      expect(lines.flat().some(({ kind }) => kind === 'trained')).toBe(true);
  });
});

describe('the rank rule of a method', () => {
  test('is found where the method keeps it, and nowhere else', () => {
    const [sara, budget, lora] = ['sara', 'lora-budget', 'lora'].map((id) =>
      methodChoices.find((choice) => choice.id === id)?.begin({ ...defaultSara, ...rule }, rule),
    );
    expect(ruleOf(sara)).toEqual(rule);
    expect(ruleOf(budget)).toEqual(rule);
    expect(ruleOf(lora)).toBeUndefined();
  });
  test('a bound that is taken away is gone, and the other settings stay', () => {
    const changed = withRule({ ...defaultSara, ...rule, scaling: 3 }, { ...rule, cap: undefined });
    expect(changed).not.toHaveProperty('cap');
    expect(changed).toMatchObject({ scaling: 3, measure: 'energy' });
  });
});
