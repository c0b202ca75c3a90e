import { describe, expect, it } from 'vitest';
import { drawChart } from '../../bench/chart.ts';
import { sectionsOf, writePage } from '../../bench/page.ts';
import { resultOf, speed } from '../../support/benchResults.ts';

const rows = [
  { id: 'training', title: 'Training', about: 'Steps.' },
  { id: 'memory', title: 'Memory', about: 'Bytes.' },
];
const empty = 'By hand.\n\n<!-- rows: npm run bench -->\nold\n<!-- /rows -->\n\nMore by hand.\n';

function pageOf(limit: number): string {
  const result = resultOf('training', [speed('LoRA', [150, 130], [100, 100], limit)]);
  return writePage(empty, rows, new Map([['training', result]]), new Map([['training', 'Fused weights.']]));
}

describe('the page', () => {
  it('replaces what stands between the markers and nothing else', () => {
    const page = pageOf(1.25);
    expect(page).toMatch(/^By hand\.\n/);
    expect(page).toMatch(/\nMore by hand\.\n$/);
    expect(page).not.toContain('old');
    // Written again it is the same: the markers survive.
    const result = resultOf('training', [speed('LoRA', [150, 130], [100, 100], 1.25)]);
    expect(writePage(page, rows, new Map([['training', result]]), new Map([['training', 'Fused weights.']]))).toBe(
      page,
    );
  });

  it('holds the ratio of the medians against the goal, not the best round', () => {
    expect(pageOf(1.4)).toContain('| LoRA | 140 tokens/s | 100 | 1.40× | 1.30× to 1.50× | ≥ 1.40× | met |');
    expect(pageOf(1.45)).toContain('| **missed** |');
    expect(pageOf(1.75)).toContain('**LoRA**: the goal of ≥ 1.75× is missed by 20 %.');
  });

  it('names rows that were not measured, and says where a row comes from', () => {
    const page = pageOf(1.25);
    expect(page).toContain('Not measured yet: memory.');
    expect(page).toContain('`npm run bench -- training` on 2026-11-23, commit abc1234, A processor');
    expect(page).toContain('### What was tried\n\nFused weights.');
    expect(page).not.toContain('the machine was not idle');
  });

  it('says when the machine was busy', () => {
    const busy = { ...resultOf('training', []), busyBefore: 0.5 };
    expect(writePage(empty, rows, new Map([['training', busy]]), new Map())).toContain('the machine was not idle');
  });

  it('is not written where its markers are missing', () => {
    expect(() => writePage('By hand.', rows, new Map(), new Map())).toThrow(/rows: npm run bench/);
  });
});

describe('notes of what was tried', () => {
  it('belong to the row in their heading', () => {
    const notes = sectionsOf('# Notes\n\nIgnored.\n\n## training\n\nOne.\n\n### Detail\n\nTwo.\n\n## memory\nThree.\n');
    expect(notes.get('training')).toBe('One.\n\n### Detail\n\nTwo.');
    expect(notes.get('memory')).toBe('Three.');
    expect(notes.size).toBe(2);
  });
});

describe('charts', () => {
  const chart = { file: 'a.svg', title: 'Speed <of both>', x: 'length', y: 'tokens/s' };

  it('put equal room between doublings and start at zero', () => {
    const svg = drawChart({
      ...chart,
      series: [
        {
          name: 'ours',
          points: [
            [64, 0],
            [128, 50],
            [256, 100],
          ],
        },
      ],
    });
    const places = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
    const [first = [], second = [], third = []] = places;
    expect((second[0] ?? 0) - (first[0] ?? 0)).toBeCloseTo((third[0] ?? 0) - (second[0] ?? 0), 0);
    // 0 lies on the axis, 100 at the top of the plot.
    expect(first[1]).toBe(308);
    expect(third[1]).toBe(56);
    expect(svg).toContain('Speed &lt;of both>');
  });

  it('without points are refused', () => {
    expect(() => drawChart({ ...chart, series: [{ name: 'ours', points: [] }] })).toThrow(RangeError);
  });
});
