import { flushSync, tick } from 'svelte';
import { beforeEach, expect, test, vi } from 'vitest';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { AppState } from '../../../../src-renderer/state/app.svelte.ts';
import { droppedKind, Studio } from '../../../../src-renderer/state/studio.svelte.ts';
import { createFakeBridge } from '../../../renderer/fakeBridge.ts';

// Node 20 has none.
beforeEach(() => vi.stubGlobal('navigator', { language: 'en-GB' }));

test('dropped files are told apart by their names', () => {
  const data = ['a.jsonl', 'b.JSON', 'c.csv', 'd.parquet', 'notes.txt'];
  expect(data.map(droppedKind)).toEqual(data.map(() => 'data'));
  expect(['Qwen2.5-0.5B', 'stories260K'].map(droppedKind)).toEqual(['model', 'model']);
  expect(['m.gguf', 'model-00001-of-00002.safetensors'].map(droppedKind)).toEqual(['weights', 'weights']);
  expect(['scan.pdf', 'a.zip'].map(droppedKind)).toEqual(['unknown', 'unknown']);
});

test('the theme follows the system until one is chosen', async () => {
  const bridge = createFakeBridge({ theme: 'system' });
  const app = new AppState(createClient(bridge));
  await app.start();
  bridge.push('theme.changed', { dark: true, highContrast: true });
  expect([app.theme, app.contrast]).toEqual(['dark', 'high']);
  await app.update({ theme: 'light' });
  expect(app.theme).toBe('light');
});

// Would catch: a switch that shows what was not saved.
test('a setting that cannot be saved goes back', async () => {
  const failing = { 'settings.update': { code: 'NOT_WRITABLE', message: 'x' } } as const;
  const app = new AppState(createClient(createFakeBridge({ theme: 'light', failing })));
  await app.start();
  await expect(app.update({ theme: 'dark' })).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  expect(app.theme).toBe('light');
});

// Bug caught: a value read while starting made the window start again at each change of it, without end.
test('it starts once, whatever it reads on the way', async () => {
  vi.stubGlobal('window', new EventTarget());
  const bridge = createFakeBridge();
  const studio = new Studio(createClient(bridge));
  let starts = 0;
  const stop = $effect.root(() => {
    $effect(() => {
      starts += 1;
      return studio.start();
    });
  });
  flushSync();
  await vi.waitFor(() => expect(studio.ready).toBe(true));
  studio.queue.state = { ...studio.queue.state, finished: 1 };
  flushSync();
  await tick();
  expect(starts).toBe(1);
  expect(bridge.requests.filter(({ route }) => route === 'project.get')).toHaveLength(1);
  stop();
});
