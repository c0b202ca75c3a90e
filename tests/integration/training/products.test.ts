import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainEvent } from '../../../src-main/contract/training.ts';
import { readRun } from '../../../src-main/runs/runFolder.ts';
import { checkpointFile, evalLosses, makeDataFolder, resume, start, stepLosses, storiesConfig } from './storiesRun.ts';

let folder: Awaited<ReturnType<typeof makeDataFolder>>;
beforeAll(async () => {
  folder = await makeDataFolder();
});
afterAll(() => folder.remove());

const settings = { saveEvery: 4, evaluateEvery: 4 };

describe('a run with products in bfloat16', () => {
  it('learns as one in float32 does, keeps the setting and goes on with it', async () => {
    // Bug: a resumed run, an evaluation or the first steps in the other type.
    const config = storiesConfig(folder.data, { ...settings, products: 'bfloat16' });
    const whole = path.join(folder.folder, 'whole');
    const events: TrainEvent[] = [];
    const record = await start(config, whole, { events });
    expect(record.config.products).toBe('bfloat16');
    expect((await readRun(whole)).config.products).toBe('bfloat16');

    const exact: TrainEvent[] = [];
    await start(storiesConfig(folder.data, settings), path.join(folder.folder, 'exact'), { events: exact });
    const [losses, exactLosses] = [evalLosses(events), evalLosses(exact)];
    expect(losses.map(([step]) => step)).toEqual(exactLosses.map(([step]) => step));
    losses.forEach(([, loss], i) => {
      const other = exactLosses[i]?.[1] ?? NaN;
      // Near at first; the runs part a little with every step.
      expect(Math.abs(loss / other - 1)).toBeLessThan(i === 0 ? 0.01 : 0.05);
      expect(loss).not.toBe(other);
    });
    expect(losses.at(-1)?.[1]).toBeLessThan(0.5 * (losses[0]?.[1] ?? NaN));

    const broken = path.join(folder.folder, 'broken');
    const aborted = start(config, broken, {
      events: [],
      onEvent: (event, abort) => {
        if (event.event === 'step' && event.step === 6) abort();
      },
    });
    await expect(aborted).rejects.toMatchObject({ code: 'CANCELLED' });
    const resumed: TrainEvent[] = [];
    await resume(broken, { events: resumed });
    expect(stepLosses(resumed)).toEqual(new Map([...stepLosses(events)].filter(([step]) => step > 4)));
    const file = 'adapter.safetensors';
    expect((await checkpointFile(broken, 12, file)).equals(await checkpointFile(whole, 12, file))).toBe(true);
  });
});

it('a run from before there was a choice goes on in float32', async () => {
  const whole = path.join(folder.folder, 'of today');
  const older = path.join(folder.folder, 'older');
  const events: TrainEvent[] = [];
  await start(storiesConfig(folder.data, settings), whole, { events });
  const aborted = start(storiesConfig(folder.data, settings), older, {
    events: [],
    onEvent: (event, abort) => {
      if (event.event === 'step' && event.step === 6) abort();
    },
  });
  await expect(aborted).rejects.toMatchObject({ code: 'CANCELLED' });
  const place = path.join(older, 'run.json');
  const { config, ...record } = JSON.parse(await readFile(place, 'utf8')) as { readonly config: object };
  const { products, ...before } = config as { readonly products?: unknown };
  expect(products).toBe('float32');
  await writeFile(place, JSON.stringify({ ...record, config: before }));
  const resumed: TrainEvent[] = [];
  expect((await resume(older, { events: resumed })).config.products).toBe('float32');
  expect(stepLosses(resumed)).toEqual(new Map([...stepLosses(events)].filter(([step]) => step > 4)));
});
