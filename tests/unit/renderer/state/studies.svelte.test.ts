/** A study from its form to its result over the fake bridge. */
import { flushSync } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { Studio } from '../../../../src-renderer/state/studio.svelte.ts';
import { createFakeBridge, type FakeOptions } from '../../../renderer/fakeBridge.ts';

let stop: (() => void) | undefined;
async function studioOver(options: FakeOptions) {
  const bridge = createFakeBridge({ pace: 5, scene: 'data', ...options });
  const studio = new Studio(createClient(bridge));
  stop = await studio.jobs.begin();
  await studio.project.load();
  await vi.waitUntil(() => studio.project.modelSummary.value !== undefined);
  return { studio, bridge };
}
afterEach(() => {
  stop?.();
  stop = undefined;
});

test('points appear while the study is at work, and its result stays', async () => {
  const { studio } = await studioOver({ pace: 150 });
  const { studies } = studio;
  studies.setUp('relation');
  flushSync();
  expect(studies.size).toEqual({ points: 90, probes: 90 });
  const running = studies.start();
  await vi.waitUntil(() => studies.live !== undefined);
  expect(studies.busy).toBe(true);
  expect(studies.result?.study === 'relation' && studies.result.rows.length).toBe(12);
  await running;
  expect(studies.busy).toBe(false);
  expect(studies.result?.study === 'relation' && studies.result.rows.length).toBe(30);
  expect(studies.points?.reused).toBe(3);
  expect(studies.canResume).toBe(false);
});

test('a study that was cancelled can go on with the same settings', async () => {
  const { studio, bridge } = await studioOver({ pace: 40 });
  const { studies } = studio;
  studies.setUp('heads');
  flushSync();
  const running = studies.start();
  await vi.waitUntil(() => studies.phase !== undefined);
  await studies.cancel();
  await running;
  expect(studies.stopped).toBe(true);
  expect(studies.failure).toBeUndefined();
  expect(studies.canResume).toBe(true);
  studies.update({ threshold: 0.5 });
  void studies.resume();
  const started = () => bridge.requests.filter(({ route }) => route === 'jobs.start').map(({ input }) => input);
  await vi.waitUntil(() => started().length === 2);
  expect(started()[1]).toEqual(started()[0]);
});

test('a window loaded while a study runs finds it again with its points', async () => {
  const { studio, bridge } = await studioOver({ pace: 40 });
  studio.studies.setUp('relation');
  flushSync();
  void studio.studies.start();
  await vi.waitUntil(() => studio.studies.live !== undefined);
  const reloaded = new Studio(createClient(bridge));
  const end = await reloaded.jobs.begin();
  reloaded.studies.attach();
  expect(reloaded.studies.screen).toBe('result');
  await vi.waitUntil(() => reloaded.studies.live !== undefined);
  end();
});

test('a kept result is opened without running anything, with another one beside it', async () => {
  const { studio, bridge } = await studioOver({});
  const { studies } = studio;
  await studies.readKept();
  const [first, second] = studies.kept.value ?? [];
  if (first === undefined || second === undefined) throw new Error('two are kept');
  await studies.open(first);
  await studies.compareWith(second);
  expect(studies.result?.file).not.toBe(studies.compared.value?.file);
  expect(bridge.requests.some(({ route }) => route === 'jobs.start')).toBe(false);
  studies.leave();
  expect(studies.result).toBeUndefined();
});
