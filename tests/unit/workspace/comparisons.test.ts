import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { comparisonSchema } from '../../../src-main/contract/comparison.schema.ts';
import { Comparisons } from '../../../src-main/workspace/comparisons.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sara-comparisons-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function comparison(savedAt: string) {
  return comparisonSchema.parse({
    ...{ name: 'Hello', savedAt, columns: [{ target: '/m', use: 'model', name: 'm' }], systemPrompt: '' },
    options: { temperature: 0, topP: 1, maxNewTokens: 8, stop: [], seed: 0 },
    turns: [{ question: 'Hello', answers: [{ text: 'Hi', state: 'done', rating: 'up' }] }],
  });
}

it('keeps conversations, lists the last saved first, and leaves damaged files out of the list', async () => {
  const comparisons = new Comparisons(folder);
  expect(await new Comparisons(path.join(folder, 'missing')).list()).toEqual([]);
  await comparisons.save('older', comparison('2026-03-01T10:00:00.000Z'));
  await comparisons.save('newer', comparison('2026-03-02T10:00:00.000Z'));
  writeFileSync(path.join(folder, 'torn.json'), '{"version":1');
  expect((await comparisons.list()).map(({ id, turns }) => [id, turns])).toEqual([
    ['newer', 1],
    ['older', 1],
  ]);
  expect(await comparisons.open('older')).toEqual(comparison('2026-03-01T10:00:00.000Z'));
  await expect(comparisons.open('torn')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  await comparisons.delete('newer');
  expect(readdirSync(folder).sort()).toEqual(['older.json', 'torn.json']);
});
