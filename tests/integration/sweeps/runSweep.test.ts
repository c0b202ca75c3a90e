import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bestGroup, groupsOf } from '../../../src-main/contract/sweeps.ts';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import { readRun } from '../../../src-main/runs/runFolder.ts';
import { planTrials } from '../../../src-main/sweeps/planTrials.ts';
import { openSweep } from '../../../src-main/sweeps/storedSweeps.ts';
import { kernelsWithoutLeaks, noSignal } from '../../support/tensorBackend.ts';
import { makePlace, operations, type Place } from '../studies/studyRuns.ts';
import { runSweep, shortSweep, trainedTrials } from './sweepRuns.ts';

kernelsWithoutLeaks();

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(async () => place.remove());

test('a trial is the run that sara train gives with its settings, bit for bit, and is kept as one', async () => {
  const folder = path.join(place.folder, 'same');
  const { result } = await runSweep(folder, shortSweep(place.data, { seeds: [0, 7] }));
  expect(result.complete).toBe(true);
  expect(result.trials.map(({ group, seed }) => [group, seed])).toEqual([
    [1, 0],
    [2, 0],
    [1, 7],
    [2, 7],
  ]);
  const last = planTrials(result.sweep)[3];
  if (last === undefined) throw new Error('no trial 4');
  const losses: number[] = [];
  const emit = (event: TrainEvent): void => {
    if (event.event === 'eval' && event.step > 0) losses.push(event.loss);
  };
  const out = path.join(place.folder, 'alone');
  await operations['train.run']({ config: last.config, out }, { signal: noSignal, emit, takeControls: () => [] });
  expect(result.trials[3]?.evaluations.map(({ loss }) => loss)).toEqual(losses);
  expect((await readRun(result.trials[3]?.run ?? '')).state).toBe('done');
  const best = bestGroup(groupsOf(result.trials));
  expect(best?.trials).toHaveLength(2);
  expect(best?.deviation).toBeGreaterThan(0);
  expect((await openSweep(folder)).trials).toEqual(result.trials);
});

// Bug: a sweep that trains finished trials again, or one that was cut off from its first step.
test('a sweep that was cancelled goes on where it was, and gives what an uninterrupted one gives', async () => {
  const sweep = shortSweep(place.data, {
    config: { ...shortSweep(place.data).config, saveEvery: 1 },
    space: { learningRate: { values: [2e-3, 4e-3, 8e-3] } },
  });
  const folder = path.join(place.folder, 'cut');
  const cut = runSweep(folder, sweep, (event, abort) => {
    const second = event.event === 'trials' ? event.changed.find(({ number }) => number === 2) : undefined;
    if (second !== undefined && second.step >= 2) abort();
  });
  await expect(cut).rejects.toMatchObject({ code: 'CANCELLED' });
  const rest = await runSweep(folder, sweep);
  expect(trainedTrials(rest.events)).toEqual([2, 3]);
  const whole = await runSweep(path.join(place.folder, 'whole'), sweep);
  expect(rest.result.trials.map(({ evaluations }) => evaluations)).toEqual(
    whole.result.trials.map(({ evaluations }) => evaluations),
  );
  const more = await runSweep(folder, { ...sweep, space: { learningRate: { values: [4e-3, 5e-3] } } });
  expect(trainedTrials(more.events)).toEqual([2]);
});

test('halving stops what falls behind at a rung, and more seeds may set it going again', async () => {
  const stopping = { grace: 1, reduction: 2 };
  const sweep = shortSweep(place.data, { space: { learningRate: { values: [1e-2, 1e-6, 1e-5] } }, stopping });
  const folder = path.join(place.folder, 'halving');
  const { result } = await runSweep(folder, sweep);
  expect(result.trials.map(({ state, step }) => [state, step])).toEqual([
    ['done', 4],
    ['stopped', 1],
    ['stopped', 1],
  ]);
  expect(result.trials[1]?.evaluations).toHaveLength(1);
  // Alone, the second is the best there is.
  const alone = await runSweep(folder, { ...sweep, space: { learningRate: { values: [1e-6] } } });
  expect(alone.result.trials.map(({ state, step }) => [state, step])).toEqual([['done', 4]]);
});

test('a setting that leads nowhere fails its own trial alone', async () => {
  const { result } = await runSweep(
    path.join(place.folder, 'failing'),
    shortSweep(place.data, { space: { learningRate: { values: [1e30, 1e-3] } } }),
  );
  expect(result.trials.map(({ state }) => state)).toEqual(['failed', 'done']);
  expect(result.trials[0]?.error?.code).toBe('NON_FINITE');
  expect(result.complete).toBe(true);
});
