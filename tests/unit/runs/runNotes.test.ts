import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readCurves } from '../../../src-main/runs/runCurves.ts';
import { readRunNotes, writeRunNotes } from '../../../src-main/runs/runNotes.ts';

let run: string;
beforeEach(() => {
  run = mkdtempSync(path.join(tmpdir(), 'sara-notes-'));
});
afterEach(() => rmSync(run, { recursive: true, force: true }));

it('keeps tags and note of a run, each tag once, and leaves no other file behind', async () => {
  expect(await readRunNotes(run)).toEqual({ tags: [], note: '' });
  await writeRunNotes(run, { tags: ['keep', 'e2e', 'keep'], note: 'Try a smaller m.\n' });
  expect(await readRunNotes(run)).toEqual({ tags: ['keep', 'e2e'], note: 'Try a smaller m.\n' });
  expect(readdirSync(run)).toEqual(['notes.json']);
});

it('a damaged file of notes costs the notes, not the run', async () => {
  writeFileSync(path.join(run, 'notes.json'), '{"tags": 7');
  expect(await readRunNotes(run)).toEqual({ tags: [], note: '' });
});

// Would catch: a curve without its end, or events for every matrix taken for steps.
it('reads the curves of a run from its log, thinned with both ends kept', async () => {
  const step = (n: number): object => ({
    ...{ event: 'step', step: n, loss: 3 - n / 100, lr: 0.001, gradNorm: 1, tokensPerSecond: 50 },
    ...{ rssBytes: 1, tokens: n * 10, elapsedSeconds: n, etaSeconds: 0 },
  });
  const events = [
    { event: 'eval', step: 0, loss: 3, best: false },
    ...Array.from({ length: 99 }, (_, i) => step(i + 1)),
    { event: 'learnt', step: 99, matrices: [] },
    { event: 'eval', step: 99, loss: 2, best: true },
  ];
  writeFileSync(path.join(run, 'metrics.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join('') + '{"ev');
  const whole = await readCurves(run, 4_000);
  expect([whole.step.length, whole.tokens.at(-1), whole.validation]).toEqual([
    99,
    990,
    { step: [0, 99], loss: [3, 2] },
  ]);
  const thin = await readCurves(run, 8);
  expect(thin.step).toEqual([1, 15, 29, 43, 57, 71, 85, 99]);
  expect(thin.loss.every((loss, i) => loss === 3 - (thin.step[i] ?? NaN) / 100)).toBe(true);
  expect((await readCurves(path.join(run, 'missing'), 8)).step).toEqual([]);
});
