import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AwakeTimer } from '../../../src-main/host/awakeTimer.ts';

// Timers are moved by hand as a system moves them: those that were due during a sleep come once, on waking.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('is due after its time, and again after as much', () => {
  const due = vi.fn();
  const timer = new AwakeTimer(60_000, due);
  vi.advanceTimersByTime(59_000);
  expect(due).not.toHaveBeenCalled();
  vi.advanceTimersByTime(61_500);
  expect(due).toHaveBeenCalledTimes(2);
  timer.stop();
});

test('counts from the last sign of life', () => {
  const due = vi.fn();
  const timer = new AwakeTimer(60_000, due);
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(50_000);
    timer.restart();
  }
  expect(due).not.toHaveBeenCalled();
  timer.stop();
});

test('does not count hours of sleep, whatever the clock says afterwards', () => {
  // Bug: the time is taken as a difference of clocks, and the first look after waking finds eight hours.
  const due = vi.fn();
  const timer = new AwakeTimer(60_000, due);
  vi.setSystemTime(Date.now() + 8 * 3_600_000);
  vi.advanceTimersToNextTimer();
  expect(due).not.toHaveBeenCalled();
  timer.stop();
});
