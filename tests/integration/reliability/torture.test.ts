import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { caseOf, scenarios, stages } from '../../torture/cases.ts';
import { disturb } from '../../torture/disturb.ts';
import { makeReference, writeRows, type Materials, type Reference } from '../../torture/materials.ts';

const root = path.join(import.meta.dirname, '../../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'sara-torture-'));
const materials: Materials = {
  model: path.join(root, 'resources/samples/stories260K'),
  rows: path.join(folder, 'rows.jsonl'),
  program: path.join(root, 'out/cli/cli.cjs'),
};
const [scenario] = scenarios;
if (scenario === undefined) throw new Error('There are no scenarios.');
let reference: Reference;

beforeAll(async () => {
  writeRows(materials.rows);
  reference = await makeReference(materials, scenario, path.join(folder, 'reference'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// A short piece of `npm run torture`; RELIABILITY.md has the figures of the long one.
test.each(stages)('a process that is killed in %s loses nothing', async (stage) => {
  const moments = [{ share: 0.7, unfinished: 3, delayMilliseconds: 1 }];
  const result = await disturb(
    { seed: 0, stage, scenario, moments },
    materials,
    reference,
    path.join(folder, `killed in ${stage}`),
  );
  expect(result.faults).toEqual([]);
});

test('the case of a seed is always the same, and all stages come in turn', () => {
  expect(caseOf(24)).toEqual(caseOf(24));
  const drawn = Array.from({ length: 200 }, (_, i) => caseOf(i + 1).stage);
  for (const stage of stages) expect(drawn.filter((found) => found === stage).length).toBeGreaterThan(5);
});
