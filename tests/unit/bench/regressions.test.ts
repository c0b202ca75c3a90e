import { describe, expect, it } from 'vitest';
import { regressionsOf } from '../../bench/regressions.ts';
import { memory, resultOf, speed } from '../../support/benchResults.ts';

describe('regressions', () => {
  const kept = resultOf('training', [speed('LoRA', [150, 130], [100, 100]), memory('peak', 3000, 6000)]);

  it('are ratios that lie below the whole range that is kept', () => {
    const fresh = resultOf('training', [speed('LoRA', [110, 115], [100, 100])]);
    expect(regressionsOf(kept, fresh)).toEqual([
      { row: 'training', name: 'LoRA', text: '1.30× to 1.50× kept, 1.10× to 1.15× now' },
    ]);
  });

  it('are not what the spread of the rounds explains', () => {
    expect(regressionsOf(kept, resultOf('training', [speed('LoRA', [110, 131], [100, 100])]))).toEqual([]);
  });

  // A slower machine slows both sides: absolute speeds would cry wolf.
  it('are not a slower machine', () => {
    expect(regressionsOf(kept, resultOf('training', [speed('LoRA', [15, 13], [10, 10])]))).toEqual([]);
  });

  it('of memory are larger shares, beyond the little that always differs', () => {
    expect(regressionsOf(kept, resultOf('training', [memory('peak', 3050, 6000)]))).toEqual([]);
    expect(regressionsOf(kept, resultOf('training', [memory('peak', 3300, 6000)]))).toHaveLength(1);
  });

  it('pass over what was not measured before', () => {
    expect(regressionsOf(kept, resultOf('training', [speed('new', [1, 1], [9, 9])]))).toEqual([]);
  });
});
