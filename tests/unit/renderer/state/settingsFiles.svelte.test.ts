import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settingsFileOf } from '../../../../src-main/contract/settingsFile.ts';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { Studio } from '../../../../src-renderer/state/studio.svelte.ts';
import { createFakeBridge, type FakeOptions } from '../../../renderer/fakeBridge.ts';
import { runRecord, stories } from '../../../renderer/fakeContents.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function studioOver(options: FakeOptions = {}) {
  const studio = new Studio(createClient(createFakeBridge(options)));
  const loaded = studio.project.load();
  await vi.advanceTimersByTimeAsync(200);
  await loaded;
  return studio;
}

async function imported(studio: Studio): Promise<void> {
  const importing = studio.importSettings();
  await vi.advanceTimersByTimeAsync(200);
  await importing;
}

const { config } = runRecord('run-1', 'First try', 'done', 24, 1.4);
const file = settingsFileOf(config, 'First try');

test('settings are taken over, model and data stay, and one click brings back what was', async () => {
  const studio = await studioOver({ scene: 'data' });
  const { project, navigation, notices } = studio;
  project.updateConfig({ steps: 3, learningRate: 0.5 });
  const before = project.snapshot();
  await imported(studio);
  expect(project.config).toEqual(file.training);
  expect(project.model).toBe(before.model);
  expect(project.data?.path).toBe(before.data?.path);
  expect([navigation.view, project.step]).toEqual(['project', 'train']);
  expect(notices.list.at(-1)?.title).toContain('First try');
  notices.list.at(-1)?.action?.run();
  expect(project.config).toEqual(before.config);
  expect(project.data).toEqual(before.data);
});

test('without model and data the settings wait for them, over a restart too', async () => {
  const studio = await studioOver();
  await imported(studio);
  const { project } = studio;
  expect(project.step).toBe('model');
  expect(studio.notices.list.at(-1)?.body).toContain(file.data.file);
  expect(project.snapshot().dataSettings).toEqual(file.data);
  project.setModel(stories.path);
  project.setData('/elsewhere/rows.jsonl');
  expect(project.data).toMatchObject({ path: '/elsewhere/rows.jsonl', validationShare: file.data.validationShare });
  expect(project.dataSettings).toBeUndefined();
  expect(project.config).toEqual(file.training);
});

test('what is wrong with a file is shown, and nothing is taken', async () => {
  const studio = await studioOver({
    scene: 'data',
    failing: { 'settingsFile.read': { code: 'SETTINGS_INVALID', message: 'a.json: training.steps: too small.' } },
  });
  const before = studio.project.snapshot();
  await imported(studio);
  expect(studio.project.snapshot()).toEqual(before);
  expect(studio.notices.list.at(-1)).toMatchObject({
    tone: 'danger',
    body: expect.stringContaining('training.steps') as string,
  });
});

test('there is something to export once model, data and method are chosen', async () => {
  const { settingsFiles, project } = await studioOver();
  expect(settingsFiles.ready).toBe(false);
  project.setModel(stories.path);
  project.setData('/d.jsonl');
  expect(settingsFiles.ready).toBe(false);
  project.updateConfig({ method: config.method });
  expect(settingsFiles.ready).toBe(true);
});
