import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobEvent } from '../../../src-main/contract/jobs.ts';
import { Broadcast } from '../../../src-main/ipc/broadcast.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function event(seq: number): JobEvent {
  return { jobId: 'j', kind: 'generate.run', seq, event: { text: String(seq) } };
}

function setUp() {
  const messages: [string, number | undefined][] = [];
  const seqs: number[] = [];
  const broadcast = new Broadcast((name, payloads) => {
    messages.push([name, name === 'job.event' ? payloads.length : undefined]);
    if (name === 'job.event') seqs.push(...(payloads as JobEvent[]).map(({ seq }) => seq));
  });
  return { broadcast, messages, seqs };
}

describe('Broadcast', () => {
  it('sends at most ten messages a second, and every event, in order', () => {
    const { broadcast, messages, seqs } = setUp();
    for (let seq = 1; seq <= 1_000; seq++) {
      broadcast.sendJobEvent(event(seq));
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(100);
    expect(messages.length).toBeLessThanOrEqual(11);
    expect(seqs).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
  });

  it('sends the first event after a pause at once', () => {
    const { broadcast, messages } = setUp();
    broadcast.sendJobEvent(event(1));
    expect(messages).toEqual([['job.event', 1]]);
    vi.advanceTimersByTime(10_000);
    broadcast.sendJobEvent(event(2));
    expect(messages).toHaveLength(2);
  });

  it('never lets the end of a job overtake its last events', () => {
    const { broadcast, messages } = setUp();
    broadcast.sendJobEvent(event(1));
    broadcast.sendJobEvent(event(2));
    broadcast.sendJobEvent(event(3));
    broadcast.send('engine.state', { light: 'ready', compute: 'stopped' });
    expect(messages).toEqual([
      ['job.event', 1],
      ['job.event', 2],
      ['engine.state', undefined],
    ]);
  });
});
