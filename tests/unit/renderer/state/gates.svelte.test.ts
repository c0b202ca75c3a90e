/** The gates of a text over the fake bridge, and how they are shown. */
import { expect, test, vi } from 'vitest';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { gateDrawing, gatesOf, gateTable } from '../../../../src-renderer/features/gates/tokenGates.ts';
import { Studio } from '../../../../src-renderer/state/studio.svelte.ts';
import { createFakeBridge } from '../../../renderer/fakeBridge.ts';

async function asked() {
  const bridge = createFakeBridge({ pace: 1, scene: 'trained' });
  const studio = new Studio(createClient(bridge));
  const stop = await studio.jobs.begin();
  studio.gates.use('/runs/one');
  studio.gates.text = 'A pub by the river';
  await studio.gates.read();
  stop();
  return { studio, bridge };
}

test('a text is read with the run it is asked of, and the first matrix is shown', async () => {
  const { studio, bridge } = await asked();
  const request = bridge.requests.find(({ route }) => route === 'jobs.start')?.input;
  expect(request).toMatchObject({ kind: 'gates.run', input: { run: '/runs/one', text: 'A pub by the river' } });
  expect(studio.gates.shown).toBe(studio.gates.answer.value?.matrices[0]);
  studio.gates.matrix = studio.gates.answer.value?.matrices[3]?.name;
  expect(studio.gates.shown).toBe(studio.gates.answer.value?.matrices[3]);
});

// Would catch: the gates of one run under the name of another.
test('another run begins without an answer', async () => {
  const { studio } = await asked();
  studio.gates.use('/runs/two');
  expect(studio.gates.answer.value).toBeUndefined();
});

test('without a text nothing is asked', async () => {
  const bridge = createFakeBridge({ pace: 1, scene: 'trained' });
  const studio = new Studio(createClient(bridge));
  studio.gates.use('/runs/one');
  await studio.gates.read();
  expect(bridge.requests).toEqual([]);
  await vi.waitFor(() => expect(studio.gates.answer.busy).toBe(false));
});

test('table and drawing hold every gate of every token', async () => {
  const { studio } = await asked();
  const { value: text } = studio.gates.answer;
  const matrix = studio.gates.shown;
  if (text === undefined || matrix === undefined) throw new Error('no answer');
  const table = gateTable(text, matrix);
  expect(table.rows).toHaveLength(text.tokens.length);
  expect(table.rows[1]?.slice(2)).toEqual([0.2, 0.3, 0.5]);
  expect(gatesOf(matrix, text.sets, 0).reduce((sum, gate) => sum + gate, 0)).toBeCloseTo(1);
  const bars = gateDrawing(text, matrix).shapes.filter(({ kind }) => kind === 'rect');
  expect(bars).toHaveLength(text.tokens.length * text.sets);
});
