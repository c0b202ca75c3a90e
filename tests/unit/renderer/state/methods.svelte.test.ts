/** Choosing between methods over the fake bridge. */
import { flushSync } from 'svelte';
import { expect, test, vi } from 'vitest';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { methodIds } from '../../../../src-renderer/state/methodChoices.ts';
import { Studio } from '../../../../src-renderer/state/studio.svelte.ts';
import { createFakeBridge, type FakeOptions } from '../../../renderer/fakeBridge.ts';

async function studioOver(options: FakeOptions) {
  const bridge = createFakeBridge({ pace: 1, ...options });
  const studio = new Studio(createClient(bridge));
  await studio.project.load();
  return { studio, bridge };
}

test('a method that is come back to has the settings it was left with', async () => {
  const { studio } = await studioOver({ scene: 'data' });
  const { methods, project } = studio;
  methods.choose('lora');
  methods.update({ rank: 3 });
  methods.choose('rslora');
  expect(project.config?.method).toMatchObject({ name: 'lora', rank: 8, rankStabilized: true });
  methods.choose('lora');
  flushSync();
  expect(project.config?.method).toMatchObject({ name: 'lora', rank: 3 });
});

test('LoRA at the budget of SARA follows the m that is set in Ranks, and SARA keeps it', async () => {
  const { studio } = await studioOver({ scene: 'data' });
  const { analysis, methods, project } = studio;
  methods.choose('sara');
  methods.choose('lora-budget');
  analysis.setRule({ threshold: 0.02 });
  flushSync();
  expect(project.config?.method).toMatchObject({ name: 'lora', budget: { threshold: 0.02 } });
  methods.choose('sara');
  expect(project.config?.method).toMatchObject({ name: 'sara', threshold: 0.02 });
});

// Would catch: full fine-tuning at the rate of an adapter, which destroys the model.
test('the learning rate follows the method until a person has set one', async () => {
  const { studio } = await studioOver({ scene: 'data' });
  const { methods, project } = studio;
  methods.choose('sara');
  project.updateConfig({ learningRate: 3e-3 });
  methods.choose('full');
  expect(project.config?.learningRate).toBe(1e-4);
  methods.choose('mosara');
  expect(project.config?.learningRate).toBe(0.1);
  methods.choose('sara');
  methods.update({ init: 'raw-lambda' });
  expect(project.config?.learningRate).toBe(1e-3);
  project.updateConfig({ learningRate: 4e-4 });
  methods.choose('lora');
  expect(project.config?.learningRate).toBe(4e-4);
});

test('moving m while a method without a rule is chosen does not choose another method', async () => {
  const { studio } = await studioOver({ scene: 'data' });
  studio.methods.choose('lora');
  studio.analysis.setRule({ threshold: 0.3 });
  expect(studio.project.config?.method?.name).toBe('lora');
  expect(studio.analysis.rule.threshold).toBe(0.3);
});

test('what each method takes is asked with the settings it would be trained with', async () => {
  const { studio, bridge } = await studioOver({ scene: 'data' });
  studio.methods.choose('sara');
  flushSync();
  studio.methods.follow();
  await vi.waitUntil(() => studio.methods.costs.size === methodIds.length);
  const asked = bridge.requests.flatMap(({ route, input }) => (route === 'train.estimate' ? [input] : []));
  for (const id of methodIds) {
    expect(asked).toContainEqual(expect.objectContaining({ method: studio.methods.variant(id) }));
  }
});

test('a method that cannot be estimated says why, and the others are told', async () => {
  const { studio } = await studioOver({
    scene: 'data',
    failing: { 'train.estimate': { code: 'SETTINGS_INVALID', message: 'No.' } },
  });
  studio.methods.choose('lora');
  flushSync();
  studio.methods.follow();
  await vi.waitUntil(() => studio.methods.costs.size === methodIds.length);
  expect([...studio.methods.costs.values()].every((cost) => 'failure' in cost)).toBe(true);
});

// Would catch: the parameters of SARA shown for Mo-SARA, which trains a small part of them.
test('the map of Mo-SARA counts what Mo-SARA trains, and its file holds the frozen vectors too', async () => {
  const { studio } = await studioOver({ scene: 'data' });
  const { analysis, methods, project } = studio;
  await vi.waitUntil(() => project.modelSummary.value !== undefined);
  const stop = await studio.jobs.begin();
  if (project.modelSummary.value) analysis.use(project.modelSummary.value);
  await analysis.start();
  methods.choose('mosara');
  analysis.setRule({ threshold: 0.1 });
  flushSync();
  const { outcome, table } = analysis;
  const [target] = table?.targets ?? [];
  const k = outcome?.ranks[0] ?? NaN;
  if (outcome === undefined || target === undefined) throw new Error('no map');
  expect(outcome.parameters[0]).toBe(5 * k + k + 5 + target.shape[0]);
  expect(outcome.stored).toBeGreaterThan(outcome.trainable);
  methods.choose('sara');
  flushSync();
  expect(analysis.rule.threshold).toBe(0.05);
  expect(analysis.outcome?.stored).toBe(analysis.outcome?.trainable);
  stop();
});
