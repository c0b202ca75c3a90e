import { expect, test, vi } from 'vitest';
import type { MeasuredRate, SpeedState } from '../../../src-main/contract/speed.ts';
import { SpeedProbe } from '../../../src-main/host/speedProbe.ts';
import { operationsWith, startMemoryEngine, type MemoryEngine } from '../../support/memoryEngine.ts';
import { temporaryCache } from '../../support/temporaryCache.ts';

temporaryCache();

interface Setting {
  readonly rate?: (threads: number) => Promise<MeasuredRate>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** One thread is the fastest by far. */
async function fewer(threads: number): Promise<MeasuredRate> {
  return Promise.resolve({ threads, flopsPerSecond: 1e9 / threads, device: 'cpu', tensorflowVersion: '2.18.1' });
}
/** Never looks at its signal, as inside a native call. */
const stubborn = async (): Promise<never> => new Promise(() => undefined);

async function probe({ rate = fewer, environment = {} }: Setting = {}) {
  const started: { readonly threads: number; readonly engine: MemoryEngine }[] = [];
  const states: SpeedState[] = [];
  const busy = { value: false, cores: 0 };
  let changes = 0;
  const open = async () => {
    const opened = new SpeedProbe({
      spawn: (threads) => {
        const engine = startMemoryEngine(operationsWith({ 'speed.measure': async () => rate(threads) }));
        started.push({ threads, engine });
        return engine;
      },
      isIdle: () => !busy.value,
      busyCores: async () => Promise.resolve(busy.cores),
      environment,
      now: () => new Date('2026-05-04T09:12:00Z'),
      log: () => undefined,
      onChange: (state) => states.push(state),
      onThreads: () => (changes += 1),
      quiet: 20,
    });
    await opened.load();
    return opened;
  };
  return { probe: await open(), open, started, states, busy, changes: () => changes };
}

test('each number is measured in a process of its own, and the choice is kept for the next start', async () => {
  const { probe: measured, open, started, states, changes } = await probe();
  expect([measured.threads, measured.state]).toEqual([0, { measuring: false }]);
  const state = await measured.measure();
  expect(state.measurement?.threads).toBe(1);
  expect(measured.threads).toBe(1);
  expect(started.map(({ threads }) => threads)).toEqual([...new Set(started.map(({ threads }) => threads))]);
  expect(states.map(({ measuring }) => measuring)).toEqual([true, false]);
  expect(changes()).toBe(1);
  expect((await open()).threads).toBe(1);
});

test('it begins by itself once the engine is quiet, where nothing is kept', async () => {
  const { probe: first, open, started, busy } = await probe();
  busy.value = true;
  first.measureWhenQuiet();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(started).toEqual([]);
  busy.value = false;
  busy.cores = 0.6;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(started, 'other programs keep the cores at work').toEqual([]);
  busy.cores = 0.1;
  await vi.waitFor(() => expect(first.threads).toBe(1));
  const processes = started.length;
  const second = await open();
  second.measureWhenQuiet();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(started).toHaveLength(processes);
});

test('it gives way at once to what is asked for, also from within a native call, and leaves no process', async () => {
  const { probe: measured, started, states } = await probe({ rate: stubborn });
  const measuring = measured.measure();
  const outcome = expect(measuring).rejects.toMatchObject({ code: 'CANCELLED' });
  await vi.waitFor(() => expect(started).toHaveLength(1));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const begun = performance.now();
  measured.giveWay();
  await outcome;
  expect(performance.now() - begun).toBeLessThan(500);
  expect(started).toHaveLength(1);
  expect(started[0]?.engine.killed).toBe(true);
  expect(states.at(-1)).toEqual({ measuring: false });
});

test('it is refused while the engine is at work', async () => {
  const { probe: measured, started, busy } = await probe();
  busy.value = true;
  await expect(measured.measure()).rejects.toMatchObject({ code: 'RUN_BUSY' });
  expect(started).toEqual([]);
});

test('the person’s own variable wins: nothing is measured, and nothing kept counts', async () => {
  await (await probe()).probe.measure();
  const { probe: fixed, started } = await probe({ environment: { OMP_NUM_THREADS: '3' } });
  expect(fixed.threads).toBe(0);
  expect(fixed.state.fixed).toEqual({ variable: 'OMP_NUM_THREADS', threads: 3 });
  fixed.measureWhenQuiet();
  await expect(fixed.measure()).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(started).toEqual([]);
});
