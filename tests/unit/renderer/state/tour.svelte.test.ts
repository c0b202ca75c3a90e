import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { Studio } from '../../../../src-renderer/state/studio.svelte.ts';
import { tourStops } from '../../../../src-renderer/state/tour.svelte.ts';
import { createFakeBridge, type FakeOptions } from '../../../renderer/fakeBridge.ts';
import { stories } from '../../../renderer/fakeContents.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function following(options: FakeOptions = {}) {
  const studio = new Studio(createClient(createFakeBridge(options)));
  const loaded = studio.project.load();
  await vi.advanceTimersByTimeAsync(200);
  await loaded;
  const stop = $effect.root(() => {
    $effect(() => studio.tour.follow());
  });
  return { studio, tour: studio.tour, stop };
}

test('the tour goes on when the person has done what it speaks of', async () => {
  const { studio, tour, stop } = await following();
  tour.start();
  flushSync();
  expect(tour.id).toBe('start');
  studio.openModel(stories.path);
  flushSync();
  expect(tour.id).toBe('model');
  studio.project.goTo('data');
  flushSync();
  studio.project.goTo('ranks');
  flushSync();
  expect([tour.id, tour.here]).toEqual(['analyse', true]);
  stop();
});

test('it can be walked by itself, back and forth, and what was done before does not push on', async () => {
  const { studio, tour, stop } = await following({ scene: 'trained' });
  studio.navigation.go('home');
  tour.start();
  flushSync();
  const walked = [tour.id];
  while (walked.length < tourStops.length) {
    tour.next();
    flushSync();
    walked.push(tour.id);
    expect(tour.here).toBe(true);
  }
  expect(walked).toEqual(tourStops);
  tour.back();
  flushSync();
  expect([tour.id, studio.project.step]).toEqual(['compare', 'export']);
  tour.next();
  tour.next();
  expect(tour.open).toBe(false);
  stop();
});

test('recalled in a project under way it begins at the step that is shown', async () => {
  const { studio, tour, stop } = await following({ scene: 'data' });
  studio.navigation.go('project');
  await studio.command('tour');
  expect(tour.id).toBe('data');
  tour.leave();
  await studio.command('tour');
  expect(tour.open).toBe(true);
  stop();
});
