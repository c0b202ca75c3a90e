/** Evaluating on a task over the fake bridge: what is asked, and what the answer is said to mean. */
import { expect, test, vi } from 'vitest';
import type { Accuracy, TaskResult } from '../../../../src-main/contract/tasks.ts';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { meaningOf } from '../../../../src-renderer/features/tasks/taskTexts.ts';
import { Studio } from '../../../../src-renderer/state/studio.svelte.ts';
import type { SideResult } from '../../../../src-renderer/state/tasks.svelte.ts';
import { createFakeBridge } from '../../../renderer/fakeBridge.ts';

async function studioOver(pace = 1) {
  const bridge = createFakeBridge({ pace, scene: 'trained' });
  const studio = new Studio(createClient(bridge));
  await studio.jobs.begin();
  const asked = () => bridge.requests.flatMap(({ route, input }) => (route === 'jobs.start' ? [input] : []));
  return { studio, tasks: studio.tasks, asked };
}

test('a run and its base are asked the same questions, a model alone is asked once', async () => {
  const { tasks, asked } = await studioOver();
  tasks.use('/runs/one', true);
  tasks.choose('gsm8k');
  tasks.limit = 7;
  await tasks.evaluate();
  const question = { model: '/runs/one', task: 'gsm8k', limit: 7 };
  expect(asked()).toEqual([
    { kind: 'evaluate.task', input: { ...question, base: false } },
    { kind: 'evaluate.task', input: { ...question, base: true } },
  ]);
  expect(tasks.answer.value?.map(({ side }) => side)).toEqual(['tuned', 'base']);
  tasks.use('/models/one', false);
  expect(tasks.answer.value, 'the result of another model').toBeUndefined();
  await tasks.evaluate();
  expect(asked()).toHaveLength(3);
});

test('a task without a sample waits for a file, and the file goes with the task', async () => {
  const { tasks, asked } = await studioOver();
  tasks.use('/runs/one', true);
  tasks.choose('piqa');
  expect(tasks.ready).toBe(false);
  await tasks.evaluate();
  expect(asked()).toEqual([]);
  await tasks.chooseData();
  tasks.withBase = false;
  await tasks.evaluate();
  expect(asked()).toEqual([
    { kind: 'evaluate.task', input: expect.objectContaining({ task: 'piqa', data: tasks.data }) },
  ]);
  tasks.choose('boolq');
  expect(tasks.data).toBeUndefined();
});

// Would catch: the base asked after the person has cancelled, or a cancel shown as a failure.
test('cancelling ends both sides and leaves neither result nor failure', async () => {
  const { tasks, asked } = await studioOver(40);
  tasks.use('/runs/one', true);
  const running = tasks.evaluate();
  await vi.waitUntil(() => (tasks.progress?.done ?? 0) > 1);
  await tasks.cancel();
  await running;
  expect(asked()).toHaveLength(1);
  expect(tasks.answer).toMatchObject({ value: undefined, failure: undefined, busy: false });
});

test.each([
  ['better', [0.6, 0.8], [0.2, 0.4], /better, by more than chance/],
  ['worse', [0.1, 0.2], [0.3, 0.5], /worse, by more than chance/],
  ['overlapping', [0.4, 0.7], [0.3, 0.5], /cannot tell the two apart/],
])('%s intervals are told as such', (_name, tuned, base, sentence) => {
  const side = (name: SideResult['side'], [low = 0, high = 0]: readonly number[]): SideResult => {
    const accuracy: Accuracy = { correct: 1, total: 2, value: (low + high) / 2, low, high };
    return { side: name, result: { accuracy } as TaskResult };
  };
  expect(meaningOf([side('tuned', tuned), side('base', base)])).toMatch(sentence);
});
