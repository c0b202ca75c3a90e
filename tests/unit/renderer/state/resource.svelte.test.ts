import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { AppFailure } from '../../../../src-renderer/bridge/appFailure.ts';
import { Resource } from '../../../../src-renderer/state/resource.svelte.ts';

function later<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

// Would catch: the summary of the model opened first shown under the name of the second.
test('an answer that comes after a later question is dropped', async () => {
  const resource = new Resource<string>();
  const first = later<string>();
  const second = later<string>();
  const loads = [resource.load(async () => first.promise), resource.load(async () => second.promise)];
  second.resolve('second');
  first.resolve('first');
  await Promise.all(loads);
  expect(resource.value).toBe('second');
  expect(resource.busy).toBe(false);
});

// Would catch: a stale value shown beside the error, or a spinner that never ends.
test('a failure takes the value away, ends being busy, and keeps the code', async () => {
  const resource = new Resource<string>();
  await resource.load(async () => Promise.resolve('value'));
  await resource.load(async () => Promise.reject(new AppFailure({ code: 'FILE_NOT_FOUND', message: 'gone' })));
  expect([resource.value, resource.busy, resource.failure?.code]).toEqual([undefined, false, 'FILE_NOT_FOUND']);
});

test('asking again after a failure repeats the last question', async () => {
  const resource = new Resource<number>();
  let attempts = 0;
  const loader = async () => {
    attempts += 1;
    if (attempts === 1) throw new Error('not yet');
    return Promise.resolve(attempts);
  };
  await resource.load(loader);
  await resource.reload();
  expect([resource.value, resource.failure]).toEqual([2, undefined]);
});

// Would catch: views that do not follow because the fields are not reactive.
test('effects see the value arrive', async () => {
  const resource = new Resource<string>();
  const seen: (string | undefined)[] = [];
  const stop = $effect.root(() => {
    $effect(() => {
      seen.push(resource.value);
    });
  });
  flushSync();
  await resource.load(async () => Promise.resolve('here'));
  flushSync();
  stop();
  expect(seen).toEqual([undefined, 'here']);
});
