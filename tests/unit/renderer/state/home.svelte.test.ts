import { expect, test } from 'vitest';
import type { SampleProject } from '../../../../src-main/contract/routes.ts';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { HomeState } from '../../../../src-renderer/state/home.svelte.ts';
import { JobsState } from '../../../../src-renderer/state/jobs.svelte.ts';
import { ProjectState } from '../../../../src-renderer/state/project.svelte.ts';
import { createFakeBridge } from '../../../renderer/fakeBridge.ts';

async function homeOver(pace: number) {
  const bridge = createFakeBridge({ scene: 'empty', pace });
  const client = createClient(bridge);
  const jobs = new JobsState(client);
  const project = new ProjectState(client);
  const home = new HomeState(client, jobs, project);
  await jobs.begin();
  await home.refresh();
  const sample = (id: SampleProject['id']) => {
    const found = home.contents.value?.samples.find((candidate) => candidate.id === id);
    if (found === undefined) throw new Error(`No sample ${id}.`);
    return found;
  };
  const started = () => bridge.requests.filter(({ route }) => route === 'jobs.start').length;
  return { home, project, sample, started };
}

test('a sample whose model is at hand opens at once, without a download', async () => {
  const { home, project, sample, started } = await homeOver(1);
  await home.open(sample('stories'));
  expect([project.model, started()]).toEqual([sample('stories').model, 0]);
});

test('a sample whose model is missing is fetched, then opened', async () => {
  const { home, project, sample, started } = await homeOver(1);
  await home.open(sample('smollm2-e2e'));
  expect(project.model).toMatch(/SmolLM2/);
  expect([started(), home.fetching, sample('smollm2-e2e').model !== undefined]).toEqual([1, undefined, true]);
});

// Would catch: the second click starting a second download of the same file.
test('two samples of one model share one download, and the one asked for last is opened', async () => {
  const { home, project, sample, started } = await homeOver(2);
  const first = home.open(sample('smollm2-e2e'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const second = home.open(sample('smollm2-gsm8k'));
  await Promise.all([first, second]);
  expect(started()).toBe(1);
  expect(project.model).toMatch(/SmolLM2/);
});

test('a cancelled download opens nothing', async () => {
  const { home, project, sample } = await homeOver(1000);
  const opened = home.open(sample('smollm2-e2e')).catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await home.cancelFetching();
  expect(await opened).toMatchObject({ code: 'CANCELLED' });
  expect([project.model, home.fetching]).toEqual([undefined, undefined]);
});
