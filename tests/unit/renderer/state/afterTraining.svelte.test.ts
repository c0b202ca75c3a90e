/** What can be done with a run after training, over the fake bridge: cutting its ranks, freezing its gates. */
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { triedEnergies } from '../../../../src-renderer/state/compress.svelte.ts';
import { acceptedKl } from '../../../../src-renderer/state/frozenGates.svelte.ts';
import { Studio } from '../../../../src-renderer/state/studio.svelte.ts';
import { createFakeBridge } from '../../../renderer/fakeBridge.ts';

let stop: (() => void) | undefined;
async function studioOver() {
  const bridge = createFakeBridge({ pace: 1, scene: 'trained' });
  const studio = new Studio(createClient(bridge));
  stop = await studio.jobs.begin();
  const started = () => bridge.requests.flatMap(({ route, input }) => (route === 'jobs.start' ? [input] : []));
  return { studio, started };
}
afterEach(() => {
  stop?.();
  stop = undefined;
});

describe('compressing', () => {
  test('measures every energy at once and writes nothing', async () => {
    const { studio, started } = await studioOver();
    studio.compress.use('/runs/one');
    await studio.compress.measure();
    expect(started()).toEqual([
      { kind: 'adapter.compress', input: { run: '/runs/one', energies: [...triedEnergies] } },
    ]);
    expect(studio.compress.shown?.energy).toBe(1);
    studio.compress.chosen = 0;
    expect(studio.compress.shown?.energy).toBe(0.5);
  });
  test('keeps the cut that is shown, in a folder of its own', async () => {
    const { studio, started } = await studioOver();
    studio.compress.use('/runs/one');
    await studio.compress.measure();
    studio.compress.chosen = 3;
    await studio.compress.keep();
    expect(started()[1]).toMatchObject({ input: { energies: [0.9], out: '/runs/one-energy-0.9' } });
  });
  test('another run begins anew', async () => {
    const { studio } = await studioOver();
    studio.compress.use('/runs/one');
    await studio.compress.measure();
    studio.compress.use('/runs/two');
    expect(studio.compress.shown).toBeUndefined();
  });
});

describe('freezing gates', () => {
  test('nothing is accepted before it was measured', async () => {
    const { studio } = await studioOver();
    const { frozenGates } = studio;
    frozenGates.use('/runs/one', 'best');
    frozenGates.accepted = true;
    expect(frozenGates.request).toBeUndefined();
    await frozenGates.measure();
    expect(frozenGates.request).toBeUndefined();
    frozenGates.accepted = true;
    expect(frozenGates.request).toEqual({ maxRows: 64, acceptKl: acceptedKl(0.0021) });
  });
  // Would catch: a loss accepted for other rows, or for another checkpoint, than those that are merged.
  test('other rows or another checkpoint have to be measured and accepted again', async () => {
    const { studio } = await studioOver();
    const { frozenGates } = studio;
    for (const change of [
      () => frozenGates.setMaxRows(8),
      () => frozenGates.use('/runs/one', 'last'),
      () => frozenGates.useHeldOut(),
    ]) {
      frozenGates.use('/runs/one', 'best');
      await frozenGates.measure();
      frozenGates.accepted = true;
      change();
      expect(frozenGates.request).toBeUndefined();
    }
  });
  test('the export is asked what was accepted, and the exact adapter without it', async () => {
    const { studio, started } = await studioOver();
    const { exporting } = studio;
    exporting.use('/runs/one');
    exporting.out = '/out';
    await exporting.start({ maxRows: 8, acceptKl: 0.1 });
    expect(started().at(-1)).toMatchObject({ input: { format: 'hf', freezeGates: { acceptKl: 0.1 } } });
    exporting.again();
    exporting.out = '/out';
    exporting.format = 'native';
    await exporting.start({ maxRows: 8, acceptKl: 0.1 });
    expect(started().at(-1)).toMatchObject({ input: { format: 'native' } });
    expect(started().at(-1)).not.toHaveProperty('input.freezeGates');
  });
});
