import { expect, test } from 'vitest';
import { Notices } from '../../../../src-renderer/state/notices.svelte.ts';

function noticesWithClock() {
  const waiting: (() => void)[] = [];
  const notices = new Notices((_milliseconds, run) => waiting.push(run));
  return { notices, passTime: () => waiting.splice(0).forEach((run) => run()) };
}

test('good news goes by itself, a failure stays until it is dismissed', () => {
  const { notices, passTime } = noticesWithClock();
  notices.push({ tone: 'success', title: 'done' });
  notices.push({ tone: 'danger', title: 'failed' });
  passTime();
  expect(notices.list.map(({ title }) => title)).toEqual(['failed']);
  notices.dismiss(notices.list[0]?.id ?? 0);
  expect(notices.list).toEqual([]);
});

test('at most four are shown, the newest ones', () => {
  const { notices } = noticesWithClock();
  for (let i = 1; i <= 6; i++) notices.push({ tone: 'danger', title: String(i) });
  expect(notices.list.map(({ title }) => title)).toEqual(['3', '4', '5', '6']);
});
