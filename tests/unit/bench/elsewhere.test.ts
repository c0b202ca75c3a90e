import { describe, expect, it } from 'vitest';
import { resultToCompare, withElsewhere } from '../../bench/elsewhere.ts';
import { writePage } from '../../bench/page.ts';
import type { RowResult } from '../../bench/results.ts';
import { resultOf, speed } from '../../support/benchResults.ts';

function on(cpu: string, ours: number, commit: string): RowResult {
  const result = resultOf('training', [speed('LoRA', [ours], [100], 1.25)]);
  return { ...result, commit, machine: { ...result.machine, cpu } };
}

describe('a row measured on several machines', () => {
  const first = on('Slow', 110, 'aaa');
  const second = withElsewhere(on('Fast', 200, 'bbb'), first);

  it('is kept for each, the newest in front', () => {
    expect(second.commit).toBe('bbb');
    expect(second.elsewhere?.map(({ commit }) => commit)).toEqual(['aaa']);
  });

  it('measured again on one replaces what is known of that one alone', () => {
    const again = withElsewhere(on('Fast', 210, 'ccc'), second);
    expect(again.elsewhere?.map(({ commit }) => commit)).toEqual(['aaa']);
    const back = withElsewhere(on('Slow', 120, 'ddd'), again);
    expect(back.elsewhere?.map(({ commit }) => commit)).toEqual(['ccc']);
  });

  it('is compared with the same machine, else with the newest', () => {
    expect(resultToCompare(second, first.machine).commit).toBe('aaa');
    expect(resultToCompare(second, { ...first.machine, cpu: 'Other' }).commit).toBe('bbb');
    expect(resultToCompare(second, { ...second.machine, system: 'Linux 7' }).commit).toBe('bbb');
  });

  it('stands on the page with the outcome on each', () => {
    const page = writePage(
      '<!-- rows: npm run bench --><!-- /rows -->',
      [{ id: 'training', title: 'Training', about: 'Steps.' }],
      new Map([['training', second]]),
      new Map(),
    );
    expect(page).toContain('| what |  | Fast (2 cores) | Slow (2 cores) |');
    expect(page).toContain('| [Training](#training) | LoRA | 2.00×, met | 1.10×, **missed** |');
    expect(page).toContain('On Slow (2 cores), on 2026-11-23 at commit aaa: LoRA 1.10× (pairs 1.10× to 1.10×).');
  });
});
