import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Demo } from '../../../src-main/app/demo.ts';
import type { JobSummary } from '../../../src-main/contract/jobs.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const lines: string[] = [];
  const errors: string[] = [];
  const exits: number[] = [];
  const demo = new Demo({
    print: (line) => void lines.push(line),
    printError: (line) => void errors.push(line),
    now: () => Date.now(),
    exit: (code) => void exits.push(code),
  });
  return { demo, lines, errors, exits };
}
const training: JobSummary = {
  id: 'j',
  kind: 'train.run',
  about: { subject: 'llama', other: 'rows' },
  state: 'running',
  startedAt: 0,
  phase: 'training',
  fraction: 0.456,
  etaSeconds: 80,
};

describe('Demo', () => {
  it('prints the folder as the last line and exits with 0', () => {
    const { demo, lines, exits } = setUp();
    demo.take({ phase: 'Merge', done: 5, total: 5, finished: true, folder: '/out/merged' });
    expect(lines.at(-1)).toBe('/out/merged');
    expect(exits).toEqual([0]);
  });

  it('tells the reason and exits with 1', () => {
    const { demo, errors, exits } = setUp();
    demo.take({ phase: 'Stopped', done: 0, total: 5, error: 'There is not enough memory.' });
    expect(errors).toEqual([expect.stringContaining('There is not enough memory.')]);
    expect(exits).toEqual([1]);
  });

  it('shows percent and time left of the running task, a line every few seconds', () => {
    const { demo, lines } = setUp();
    for (let i = 0; i < 100; i++) {
      demo.showJob(training);
      vi.advanceTimersByTime(100);
    }
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/Train llama on rows: training 45 %, about 1 min 20 s left/);
  });

  it('fails when the window never begins, and not when it has begun', () => {
    const silent = setUp();
    vi.advanceTimersByTime(10 * 60_000);
    expect(silent.exits).toEqual([1]);
    const working = setUp();
    working.demo.take({ phase: 'Open the sample', done: 0, total: 5 });
    vi.advanceTimersByTime(10 * 60_000);
    expect(working.exits).toEqual([]);
  });

  it('ends once: what comes after the end changes nothing', () => {
    const { demo, exits } = setUp();
    demo.take({ phase: 'Merge', done: 5, total: 5, finished: true });
    demo.fail('the window went away');
    demo.take({ phase: 'x', done: 0, total: 1, error: 'late' });
    expect(exits).toEqual([0]);
  });
});
