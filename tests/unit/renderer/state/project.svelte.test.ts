import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { ProjectState } from '../../../../src-renderer/state/project.svelte.ts';
import { createFakeBridge, type FakeOptions } from '../../../renderer/fakeBridge.ts';
import { stories, troubledDataset } from '../../../renderer/fakeContents.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function projectOver(options: FakeOptions = {}) {
  const bridge = createFakeBridge(options);
  const project = new ProjectState(createClient(bridge));
  const saves = () => bridge.requests.filter(({ route }) => route === 'project.save').map(({ input }) => input);
  return { bridge, project, saves };
}

test('a burst of changes is saved once, with the last state', async () => {
  const { project, saves } = projectOver();
  project.setModel('/models/a.gguf');
  project.updateConfig({ sequenceLength: 128 });
  project.updateConfig({ sequenceLength: 256 });
  await vi.advanceTimersByTimeAsync(2000);
  expect(saves()).toHaveLength(1);
  expect(saves()[0]).toMatchObject({ model: '/models/a.gguf', config: { sequenceLength: 256 } });
});

test('what waits to be saved is saved at once when the window goes', async () => {
  const { project, saves } = projectOver();
  project.goTo('data');
  project.flush();
  await vi.advanceTimersByTimeAsync(0);
  expect(saves()).toMatchObject([{ step: 'data' }]);
});

test('a project comes back as it was left', async () => {
  const { bridge, project } = projectOver({ scene: 'data' });
  const loaded = project.load();
  await vi.advanceTimersByTimeAsync(100);
  await loaded;
  project.updateData({ validationShare: 0.25, systemPrompt: 'Be brief.' });
  await vi.advanceTimersByTimeAsync(2000);
  const again = new ProjectState(createClient(bridge));
  const reloaded = again.load();
  await vi.advanceTimersByTimeAsync(100);
  await reloaded;
  expect(again.snapshot()).toEqual(project.snapshot());
  expect(again.data).toMatchObject({ validationShare: 0.25, systemPrompt: 'Be brief.' });
});

test('a value set to undefined is taken away, not kept as undefined', () => {
  const { project } = projectOver();
  project.setData('/d.jsonl');
  project.updateData({ systemPrompt: 'x' });
  project.updateData({ systemPrompt: undefined });
  expect(Object.keys(project.data ?? {})).not.toContain('systemPrompt');
});

// Would catch: a run of the old model merged into the new one.
test('another model takes run and export away', () => {
  const { project } = projectOver();
  project.setModel('/a');
  project.setRun('/runs/1');
  project.setExported('/out');
  project.setModel('/b');
  expect([project.run, project.exportedTo]).toEqual([undefined, undefined]);
});

test('a model without a chat template switches the data to plain text', async () => {
  const { project } = projectOver();
  project.setData('/d.jsonl');
  expect(project.data?.template).toBe('chat');
  project.setModel(stories.path);
  await vi.advanceTimersByTimeAsync(100);
  expect(project.data?.template).toBe('plain');
});

test('a mapping is asked of the file again and opens the step', async () => {
  const { bridge, project } = projectOver({ scene: 'model' });
  project.setModel('/m');
  project.setData(troubledDataset.path);
  await vi.advanceTimersByTimeAsync(100);
  expect(project.dataSummary.value?.layout).toBeUndefined();
  project.updateData({ mapping: { prompt: 'question', completion: 'answer' }, skipBadRows: true });
  await vi.advanceTimersByTimeAsync(100);
  const inspected = bridge.requests.filter(({ route }) => route === 'data.inspect').map(({ input }) => input);
  expect(inspected[1]).toEqual({ path: troubledDataset.path, mapping: { prompt: 'question', completion: 'answer' } });
  expect(project.stepOf('train').state).toBe('ready');
});
