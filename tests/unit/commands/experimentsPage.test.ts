import { describe, expect, it } from 'vitest';
import { ablationSection, replacePart } from '../../../src-main/commands/experimentsPage.ts';
import { ablationResult } from '../../support/studyResults.ts';

describe('the part of a page that tells of an ablation', () => {
  const result = ablationResult([
    {
      label: 'LoRA',
      losses: [
        [1.36, 1.33, 1.37],
        [1.2, 1.21, 1.19],
        [1.5, null, 1.5],
      ],
    },
    {
      label: 'SARA',
      losses: [
        [1.5, 1.5, 1.5],
        [1.4, 1.4, 1.41],
        [1.31, 1.32, 1.33],
      ],
    },
  ]);
  const text = ablationSection(result, 'sara study ablation tiny');

  it('holds command, version, date, settings, every cell and the best of each method', () => {
    expect(text).toContain('sara study ablation tiny');
    expect(text).toContain('SARA Studio 9.8.7, 2026-01-31');
    expect(text).toMatch(/24 steps of 8 rows, linear schedule/);
    expect(text).toMatch(/\| LoRA \| 12,345 \| 0\.003 \| 1\.2000/);
    expect(text).toMatch(/\| SARA \| 12,345 \| 0\.01 \(edge of its grid\) \| 1\.3200/);
    expect(text).toContain('| LoRA | 1.3533 | 1.2000 | ∞ |');
    expect(text.indexOf('| LoRA | 12,345')).toBeLessThan(text.indexOf('| SARA | 12,345'));
  });

  // Bug: a page that tells of wins alone.
  it('says where a method does not win', () => {
    expect(text).toMatch(/- SARA: \+0\.1200 \(.* to .*\), does not win: its loss is higher/);
  });

  // Bug: a larger adapter that is called better without a word about its size.
  it('says so where the sizes of two methods differ', () => {
    const unequal = ablationResult([
      { label: 'LoRA', losses: [[1.3, 1.3]], trainable: 1_000 },
      { label: 'SARA', losses: [[1.2, 1.21]], trainable: 1_700 },
    ]);
    expect(ablationSection(unequal, 'x')).toContain('It has 1.7 times the reference’s parameters.');
    expect(text).not.toContain('times the reference’s parameters');
  });

  it('says so when nothing was computed', () => {
    expect(ablationSection(ablationResult([{ label: 'SARA', losses: [] }]), 'x')).toContain(
      'No point has been computed yet.',
    );
  });
});

describe('a part of a page', () => {
  it('is replaced between its marks and leaves the rest as it is', () => {
    const page = 'before\n\n<!-- study: a -->\nold\n<!-- end of study: a -->\n\nafter\n';
    const replaced = replacePart(page, 'a', 'new');
    expect(replaced).toBe('before\n\n<!-- study: a -->\n\nnew\n\n<!-- end of study: a -->\n\nafter\n');
    expect(replacePart(replaced, 'a', 'new')).toBe(replaced);
  });

  it('is put at the end of a page without its marks', () => {
    expect(replacePart('# Page\n', 'b', 'text')).toBe(
      '# Page\n\n<!-- study: b -->\n\ntext\n\n<!-- end of study: b -->\n',
    );
  });
});
