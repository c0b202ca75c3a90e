import { expect, test } from 'vitest';
import { tallestElement, visibleRange } from '../../../../src-renderer/ui/visibleRange.ts';

const short = { count: 100, rowHeight: 50, height: 500 };
const long = { count: 1_000_000, rowHeight: 52, height: 520 };

test('a short list is drawn where it lies, with a few rows around what is seen', () => {
  const range = visibleRange({ ...short, scrollTop: 1000 });
  expect([range.from, range.to, range.totalHeight]).toEqual([16, 33, 5000]);
  expect(range.offsetOf(20)).toBe(1000);
});

test('an empty list draws nothing', () => {
  const range = visibleRange({ ...short, count: 0, scrollTop: 0 });
  expect(range.to).toBeLessThan(range.from);
});

// Would catch: rows past 33 million px that no browser can lay out, so that the end of a big file is out of reach.
test('both ends of a million rows can be reached inside an element a browser can lay out', () => {
  expect(visibleRange({ ...long, scrollTop: 0 }).from).toBe(0);
  const bottom = visibleRange({ ...long, scrollTop: tallestElement - long.height });
  expect([bottom.totalHeight, bottom.to]).toEqual([tallestElement, 999_999]);
  // The last row ends at the lower edge of the window onto the list.
  expect(bottom.offsetOf(999_999) + long.rowHeight - (tallestElement - long.height)).toBeCloseTo(long.height, 3);
});

test('bringing a row into view puts it inside the window, for every kind of list', () => {
  for (const list of [short, long]) {
    for (const index of [0, 1, 37, list.count >> 1, list.count - 1]) {
      const from = visibleRange({ ...list, scrollTop: 0 });
      const scrollTop = from.scrollTo(index) ?? 0;
      const after = visibleRange({ ...list, scrollTop });
      const top = after.offsetOf(index) - scrollTop;
      expect(top).toBeGreaterThanOrEqual(-0.01);
      expect(top + list.rowHeight).toBeLessThanOrEqual(list.height + 0.01);
      expect(after.scrollTo(index)).toSatisfy(
        (again) => again === undefined || Math.abs(Number(again) - scrollTop) < 1,
      );
    }
  }
});
