/** Trainings and sweeps that are sent to a cluster, over the fake bridge. */
import { afterEach, expect, test, vi } from 'vitest';
import { sweepSchema } from '../../../../src-main/contract/sweeps.schema.ts';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { defaultSara } from '../../../../src-renderer/state/analysis.svelte.ts';
import { Studio } from '../../../../src-renderer/state/studio.svelte.ts';
import { firstSweep, sweepOf, trialsOf } from '../../../../src-renderer/state/sweepDraft.ts';
import { planTrials } from '../../../../src-main/sweeps/planTrials.ts';
import { createFakeBridge } from '../../../renderer/fakeBridge.ts';

let stop: (() => void) | undefined;
afterEach(() => {
  stop?.();
  stop = undefined;
});

test('a training is sent to the cluster that was chosen, and its run is the project’s once it is here', async () => {
  const bridge = createFakeBridge({ pace: 1, scene: 'data' });
  const studio = new Studio(createClient(bridge));
  stop = await studio.jobs.begin();
  const { training, project, estimate } = studio;
  await project.load();
  project.updateConfig({ method: defaultSara });
  expect(estimate.config).toBeDefined();
  training.target = 'lab';
  training.resources = { cpus: 4, gpus: 1 };
  await training.start();
  const [asked] = bridge.requests.flatMap(({ route, input }) => (route === 'jobs.start' ? [input] : []));
  expect(asked).toMatchObject({ kind: 'train.runOn', input: { target: 'lab', resources: { cpus: 4, gpus: 1 } } });
  expect(training.elsewhere).toBe(true);
  expect(project.run).toBeUndefined();
  await vi.waitFor(() => expect(training.log.start).toBeDefined());
  await vi.waitFor(() => expect(training.state).toBe('ended'), { timeout: 10_000 });
  expect(project.run).toBe(training.run);
  expect(training.run).toMatch(/runs/);
});

test('a random search draws between the ends of the lists, as many as it says', () => {
  const draft = { ...firstSweep, learningRates: [1e-2, 1e-4], thresholds: [0.1], samples: 5, seeds: [0, 1] };
  const sweep = sweepOf(draft, {
    model: '/m',
    data: { path: '/d', validationShare: 0.1, template: 'plain', completionOnly: true, skipBadRows: false },
    config: {},
  });
  const trials = planTrials(sweepSchema.parse(sweep));
  expect(trials).toHaveLength(trialsOf(draft, {}));
  const rates = trials.map(({ config }) => config.learningRate);
  expect(new Set(rates).size).toBe(5);
  expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4);
  expect(Math.max(...rates)).toBeLessThanOrEqual(1e-2);
});
