import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../../src-main/contract/routes.ts';
import { methodSchema } from '../../../../src-main/contract/methods.schema.ts';
import { choicesOf, filteredRuns, noFilter, type RunFilter } from '../../../../src-renderer/state/runFilter.ts';
import { sampleRecord } from '../../runs/sampleRecord.ts';

const now = Date.parse('2026-03-10T12:00:00Z');

function run(name: string, changes: Partial<RunSummary['record']> = {}, notes: Partial<RunSummary['notes']> = {}) {
  const { ranks: _, ...record } = sampleRecord({ name });
  return {
    path: `/runs/2026-03-01 ${name}`,
    record: { ...record, ...changes },
    notes: { tags: [], note: '', ...notes },
  };
}
const base = sampleRecord().config;
const runs: readonly RunSummary[] = [
  run('pub', { updatedAt: '2026-03-10T10:00:00Z', best: { step: 4, loss: 2.1 } }, { tags: ['keep', 'e2e'] }),
  run('bar', { updatedAt: '2026-03-05T10:00:00Z', best: { step: 4, loss: 1.9 } }, { note: 'Rank too high' }),
  run('inn', {
    updatedAt: '2026-01-05T10:00:00Z',
    best: null,
    model: { path: '/q', name: 'Qwen', family: 'qwen2', hash: 'x' },
    config: { ...base, method: methodSchema.parse({ name: 'lora', rankStabilized: true }) },
  }),
];
const names = (filter: Partial<RunFilter>): string[] =>
  filteredRuns(runs, { ...noFilter, ...filter }, now).map(({ record }) => record.name);

describe('filteredRuns', () => {
  it('finds every word, wherever it stands', () => {
    const found = ['KEEP pub', 'rank high', 'keep bar', '2026 inn'].map((search) => names({ search }));
    expect(found).toEqual([['pub'], ['bar'], [], ['inn']]);
  });

  it('filters by method as the window names it, model, tag and date', () => {
    expect([names({ method: 'rslora' }), names({ method: 'lora' })]).toEqual([['inn'], []]);
    expect([names({ model: 'Qwen' }), names({ tag: 'e2e' })]).toEqual([['inn'], ['pub']]);
    expect([names({ span: 'day' }), names({ span: 'week' })]).toEqual([['pub'], ['pub', 'bar']]);
  });

  // Would catch: a run without a loss shown as the best one.
  it('puts runs without a loss last, whichever way is up', () => {
    expect(names({ sort: 'loss', descending: false })).toEqual(['bar', 'pub', 'inn']);
    expect(names({ sort: 'loss', descending: true })).toEqual(['pub', 'bar', 'inn']);
  });

  it('offers each tag and model once', () => {
    expect(choicesOf([...runs, ...runs])).toEqual({ tags: ['e2e', 'keep'], models: ['m', 'Qwen'] });
  });

  it('a thousand runs are filtered and sorted without changing the list', () => {
    const many = Array.from({ length: 1_000 }, (_, i) =>
      run(`run ${i}`, { best: { step: 1, loss: (i * 7919) % 1000 } }),
    );
    const before = [...many];
    const sorted = filteredRuns(many, { ...noFilter, sort: 'loss', descending: false }, now);
    expect(sorted.map(({ record }) => record.best?.loss)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(many).toEqual(before);
  });
});
