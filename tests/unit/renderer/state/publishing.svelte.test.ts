import { afterEach, expect, test, vi } from 'vitest';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { repositoryFault, tokenFault } from '../../../../src-renderer/features/merge/hubNames.ts';
import { Studio } from '../../../../src-renderer/state/studio.svelte.ts';
import { createFakeBridge } from '../../../renderer/fakeBridge.ts';

let stop: (() => void) | undefined;
afterEach(() => stop?.());

// Bug caught: the hub is asked before the person has pressed anything.
test('nothing is published before it is started; the token goes to main and is not kept here', async () => {
  const bridge = createFakeBridge({ pace: 1, scene: 'trained' });
  const studio = new Studio(createClient(bridge));
  stop = await studio.jobs.begin();
  const { publishing } = studio;
  publishing.about('/home/mara/sara/exports/tuned');
  await publishing.readAccount();
  expect(publishing.account.value?.token).toBe('none');
  await publishing.saveToken('hf_abc');
  expect(publishing.account.value?.token).toBe('saved');
  expect(JSON.stringify({ ...publishing.account.value })).not.toContain('hf_abc');
  expect(bridge.requests.filter(({ route }) => route === 'jobs.start')).toEqual([]);
  await publishing.start('tuned', true);
  expect(publishing.result).toMatchObject({ repo: 'mara/tuned', private: true });
  const started = bridge.requests.filter(({ route }) => route === 'jobs.start');
  expect(started.map(({ input }) => input)).toEqual([
    { kind: 'publish.run', input: { path: '/home/mara/sara/exports/tuned', repo: 'tuned', private: true } },
  ]);
});

test('a cancelled upload can be started again', async () => {
  const bridge = createFakeBridge({ pace: 5, scene: 'trained' });
  const studio = new Studio(createClient(bridge));
  stop = await studio.jobs.begin();
  const { publishing } = studio;
  publishing.about('/x');
  const running = publishing.start('tuned', true);
  await vi.waitUntil(() => publishing.progress !== undefined);
  await publishing.cancel();
  await running;
  expect(publishing.state).toBe('idle');
  expect(publishing.failure).toBeUndefined();
});

test('names and tokens that the hub would refuse are told while typing', () => {
  for (const good of ['tuned', 'Team-1/Model_2.5', '']) expect(repositoryFault(good)).toBeUndefined();
  for (const bad of ['a b', '-a', 'a/b/c', 'a--b', 'a.', 'x'.repeat(97)]) expect(repositoryFault(bad)).toBeDefined();
  expect(tokenFault(' hf_Abc1 ')).toBeUndefined();
  expect(tokenFault('abc')).toBeDefined();
});
