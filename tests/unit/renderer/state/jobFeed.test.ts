import { expect, test } from 'vitest';
import type { JobEvent, JobSnapshot } from '../../../../src-main/contract/jobs.ts';
import { JobFeed } from '../../../../src-renderer/state/jobFeed.ts';

function event(seq: number): JobEvent {
  return { jobId: 'a', kind: 'export.run', seq, event: { phase: 'writing', done: seq, total: 9 } };
}

function snapshotOf(seqs: readonly number[]) {
  const asked: number[] = [];
  return {
    asked,
    ask: async (afterSeq: number): Promise<JobSnapshot> => {
      asked.push(afterSeq);
      return Promise.resolve({
        job: { id: 'a', kind: 'export.run', about: { subject: '' }, state: 'running', startedAt: 0 },
        events: seqs.filter((seq) => seq > afterSeq).map(event),
      });
    },
  };
}

async function settled() {
  await new Promise((resolve) => setImmediate(resolve));
}

test('a window that comes late gets everything from the first event on, in order and once', async () => {
  const got: number[] = [];
  const source = snapshotOf([1, 2, 3]);
  const feed = new JobFeed<'export.run'>('a', source.ask, ({ done }) => got.push(done));
  const started = feed.start();
  feed.take(event(3));
  feed.take(event(4));
  await started;
  feed.take(event(4));
  feed.take(event(5));
  expect(got).toEqual([1, 2, 3, 4, 5]);
});

test('a gap is filled from a snapshot before what came after it is told', async () => {
  const got: number[] = [];
  const source = snapshotOf([1, 2, 3, 4]);
  const feed = new JobFeed<'export.run'>('a', source.ask, ({ done }) => got.push(done));
  feed.take(event(1));
  feed.take(event(4));
  feed.take(event(5));
  await settled();
  expect(got).toEqual([1, 2, 3, 4, 5]);
  expect(source.asked).toEqual([1]);
});

// Would catch: a feed that waits for ever for events that were thinned out of a long series.
test('a thinned series is taken as it is', async () => {
  const got: number[] = [];
  const feed = new JobFeed<'export.run'>('a', snapshotOf([1, 5, 9]).ask, ({ done }) => got.push(done));
  await feed.start();
  feed.take(event(10));
  expect(got).toEqual([1, 5, 9, 10]);
});

test('when no snapshot can be had, events still come through', async () => {
  const got: number[] = [];
  const feed = new JobFeed<'export.run'>(
    'a',
    async () => Promise.reject(new Error('gone')),
    ({ done }) => got.push(done),
  );
  feed.take(event(3));
  await settled();
  expect(got).toEqual([3]);
});

test('an ended feed and events of other jobs are silent', async () => {
  const got: number[] = [];
  const feed = new JobFeed<'export.run'>('a', snapshotOf([]).ask, ({ done }) => got.push(done));
  feed.take({ ...event(1), jobId: 'b' });
  feed.end();
  feed.take(event(1));
  await settled();
  expect(got).toEqual([]);
});
