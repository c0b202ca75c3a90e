/** Analysis, training, chat and export over the fake bridge: what a person does, and what the state says then. */
import { flushSync } from 'svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { RunNotes } from '../../../../src-main/contract/runNotes.schema.ts';
import { createClient, type Client } from '../../../../src-renderer/bridge/client.ts';
import { defaultSara } from '../../../../src-renderer/state/analysis.svelte.ts';
import { RunsState } from '../../../../src-renderer/state/runs.svelte.ts';
import { Studio } from '../../../../src-renderer/state/studio.svelte.ts';
import { createFakeBridge, type FakeBridge, type FakeOptions } from '../../../renderer/fakeBridge.ts';

let stop: (() => void) | undefined;

async function studioOver(options: FakeOptions): Promise<{ studio: Studio; bridge: FakeBridge }> {
  const bridge = createFakeBridge({ pace: 1, ...options });
  const studio = new Studio(createClient(bridge));
  stop = await studio.jobs.begin();
  await studio.project.load();
  if (studio.project.model !== undefined) await vi.waitUntil(() => studio.project.modelSummary.value !== undefined);
  return { studio, bridge };
}
function asked(bridge: FakeBridge, kind: string): { input: Record<string, unknown> }[] {
  return bridge.requests
    .filter(({ route, input }) => route === 'jobs.start' && (input as { kind: string }).kind === kind)
    .map(({ input }) => input as { input: Record<string, unknown> });
}
afterEach(() => {
  stop?.();
  stop = undefined;
});

describe('analysis', () => {
  test('fills the map as matrices come and remembers the rule when it is done', async () => {
    const { studio } = await studioOver({ scene: 'data' });
    const { analysis, project } = studio;
    const summary = project.modelSummary.value;
    if (!summary) throw new Error('no model');
    analysis.use(summary);
    expect(analysis.total).toBe(210);
    const running = analysis.start();
    await vi.waitUntil(() => analysis.done > 20);
    expect(analysis.state).toBe('busy');
    expect(analysis.outcome?.ranks[209]).toBeNaN();
    expect(analysis.outcome?.ranks[0]).toBeGreaterThan(0);
    await running;
    expect(analysis.state).toBe('done');
    expect(analysis.outcome?.known).toBe(210);
    expect(project.config?.method).toMatchObject({ name: 'sara', threshold: 0.05 });
  });
  test('cancelling leaves what is there and no failure', async () => {
    const { studio } = await studioOver({ scene: 'data' });
    const { analysis, project } = studio;
    if (project.modelSummary.value) analysis.use(project.modelSummary.value);
    const running = analysis.start();
    await vi.waitUntil(() => analysis.done > 5);
    await analysis.cancel();
    await running;
    expect(analysis.state).toBe('idle');
    expect(analysis.failure).toBeUndefined();
    expect(analysis.done).toBeGreaterThan(5);
  });
  test('a refused start is a failure with its code', async () => {
    const { studio } = await studioOver({
      scene: 'data',
      failing: { 'jobs.start': { code: 'ENGINE_STOPPED', message: 'The engine ended.' } },
    });
    if (studio.project.modelSummary.value) studio.analysis.use(studio.project.modelSummary.value);
    await studio.analysis.start();
    expect(studio.analysis.state).toBe('failed');
    expect(studio.analysis.failure?.code).toBe('ENGINE_STOPPED');
  });
  test('the rule moves the ranks at once and stays with SARA while LoRA is tried', async () => {
    const { studio } = await studioOver({ scene: 'data' });
    const { analysis, project } = studio;
    if (project.modelSummary.value) analysis.use(project.modelSummary.value);
    await analysis.start();
    const before = analysis.outcome?.trainable ?? 0;
    analysis.setRule({ threshold: 0.2, cap: 40 });
    flushSync();
    expect(analysis.outcome?.trainable).toBeGreaterThan(before);
    project.updateConfig({ method: { name: 'lora', rank: 8, alpha: 16, dropout: 0 } });
    expect(analysis.rule).toMatchObject({ threshold: 0.2, cap: 40 });
    analysis.setRule({ cap: undefined });
    expect(project.config?.method).not.toHaveProperty('cap');
  });
  test('the last adapted module cannot be taken off', async () => {
    const { studio } = await studioOver({ scene: 'data' });
    const { analysis, project } = studio;
    if (project.modelSummary.value) analysis.use(project.modelSummary.value);
    for (const module of ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj']) {
      analysis.toggleModule(module);
    }
    expect(project.config?.targets).toEqual(['down_proj']);
    for (const module of ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj'])
      analysis.toggleModule(module);
    expect(project.config?.targets).toBe('all');
  });
});

describe('training', () => {
  const method = { name: 'lora', rank: 8, alpha: 16, dropout: 0 } as const;
  test('starts with the settings of the project, keeps the run and ends to be looked at', async () => {
    const { studio, bridge } = await studioOver({ scene: 'data' });
    studio.project.updateConfig({ method, steps: 24 });
    await studio.training.start();
    expect(studio.training.state).toBe('busy');
    await vi.waitUntil(() => studio.training.state === 'ended');
    expect(asked(bridge, 'train.run')[0]?.input['config']).toMatchObject({
      model: studio.project.model,
      steps: 24,
      method,
    });
    expect(studio.project.run).toContain('/runs/');
    expect(studio.training.log.loss.length).toBe(24);
    expect(studio.training.record?.state).toBe('done');
  });
  test('a window loaded while a training runs finds it again with all its events', async () => {
    const { studio, bridge } = await studioOver({ scene: 'data', pace: 5 });
    studio.project.updateConfig({ method });
    await studio.training.start();
    await vi.waitUntil(() => studio.training.log.loss.length > 5);
    const reloaded = new Studio(createClient(bridge));
    const end = await reloaded.jobs.begin();
    await reloaded.project.load();
    reloaded.training.attach();
    expect(reloaded.training.state).toBe('busy');
    await vi.waitUntil(() => reloaded.training.state === 'ended');
    expect(reloaded.training.log.loss.length).toBe(24);
    end();
  });
  test('opens the last run of the project', async () => {
    const { studio } = await studioOver({ scene: 'trained' });
    studio.training.attach();
    await vi.waitUntil(() => studio.training.state === 'ended');
    expect(studio.training.log.loss.length).toBe(24);
  });
  test('a run that cannot be read is a failure told once, and the settings can be used', async () => {
    const { studio, bridge } = await studioOver({
      scene: 'trained',
      failing: { 'run.open': { code: 'RUN_INVALID', message: 'Damaged.' } },
    });
    const end = $effect.root(() => {
      $effect(() => studio.training.attach());
    });
    await vi.waitUntil(() => studio.training.failure !== undefined);
    flushSync();
    studio.training.attach();
    await new Promise((resolve) => setTimeout(resolve, 20));
    end();
    expect(studio.training.state).toBe('idle');
    expect(studio.training.failure?.code).toBe('RUN_INVALID');
    expect(bridge.requests.filter(({ route }) => route === 'run.open').length).toBe(1);
  });
  test('a refused start keeps its reason in sight', async () => {
    const { studio } = await studioOver({
      scene: 'data',
      failing: { 'jobs.start': { code: 'OUT_OF_MEMORY', message: 'Not enough.' } },
    });
    studio.project.updateConfig({ method });
    await studio.training.start();
    studio.training.attach();
    expect(studio.training.failure?.code).toBe('OUT_OF_MEMORY');
  });
});

describe('a GPU that is prepared first', () => {
  const halfway = { op: 20, total: 40 };
  test('is told of by a training, then the training begins', async () => {
    const { studio } = await studioOver({ scene: 'data', preparesGpu: true, pace: 5 });
    const { training } = studio;
    studio.project.updateConfig({ method: defaultSara });
    const running = training.start();
    await vi.waitUntil(() => training.log.phase?.phase === 'preparing' && training.log.phase.op >= halfway.op);
    expect(training.log.phase).toMatchObject({ total: 40, fraction: expect.any(Number) });
    await running;
    await vi.waitUntil(() => training.log.phase?.phase !== 'preparing');
  });
  test('is told of by an analysis, whose map then fills', async () => {
    // Bug: an event without a matrix put into the map.
    const { studio } = await studioOver({ scene: 'data', preparesGpu: true, pace: 5 });
    const { analysis, project } = studio;
    if (project.modelSummary.value) analysis.use(project.modelSummary.value);
    const running = analysis.start();
    await vi.waitUntil(() => (analysis.preparing?.op ?? 0) >= halfway.op);
    expect(analysis.preparing?.total).toBe(halfway.total);
    expect(analysis.done).toBe(0);
    await vi.waitUntil(() => analysis.done > 0);
    expect(analysis.preparing).toBeUndefined();
    await analysis.cancel();
    await running;
  });
  test('is told of by an answer, and leaves nothing in its text', async () => {
    // Bug: "undefined" before the first word.
    const { studio } = await studioOver({ scene: 'model', preparesGpu: true, pace: 5 });
    const { chat } = studio;
    chat.choose('/m', { isRun: false, hasTemplate: false });
    const sending = chat.send('Once');
    await vi.waitUntil(() => (chat.turns[0]?.answers[0]?.preparing?.op ?? 0) >= halfway.op);
    expect(chat.turns[0]?.answers[0]).toMatchObject({ state: 'waiting', text: '' });
    await vi.waitUntil(() => chat.turns[0]?.answers[0]?.state === 'writing');
    expect(chat.turns[0]?.answers[0]?.text).toMatch(/^The/);
    await sending;
  });
});

describe('chat', () => {
  test('asks base and tuned model one after the other, each with its own history', async () => {
    const { studio, bridge } = await studioOver({ scene: 'trained' });
    const { chat } = studio;
    chat.choose('/runs/one', { isRun: true, hasTemplate: true });
    await chat.send('first');
    await chat.send('second');
    const requests = asked(bridge, 'generate.run');
    expect(requests.map(({ input }) => input['base'] ?? input['checkpoint'])).toEqual([true, 'best', true, 'best']);
    const heard = (i: number) => (requests[i]?.input['messages'] as { content: string }[]).map((m) => m.content);
    expect(heard(2)).toEqual(['first', 'I like restaurants.', 'second']);
    expect(heard(3)).toEqual(['first', 'The Vaults is a pub by the river.', 'second']);
  });
  test('a model without a template is asked plainly', async () => {
    const { studio, bridge } = await studioOver({ scene: 'model' });
    studio.chat.choose('/m', { isRun: false, hasTemplate: false });
    await studio.chat.send('Once');
    expect(asked(bridge, 'generate.run').map(({ input }) => [input['prompt'], input['messages']])).toEqual([
      ['Once', undefined],
    ]);
  });
  test('stopping ends both answers', async () => {
    const { studio } = await studioOver({ scene: 'trained', pace: 20 });
    const { chat } = studio;
    chat.choose('/runs/one', { isRun: true, hasTemplate: true });
    const sending = chat.send('first');
    await vi.waitUntil(() => chat.turns[0]?.answers[0]?.state === 'writing');
    await chat.stop();
    await sending;
    expect(chat.turns[0]?.answers[0]?.state).toBe('stopped');
    expect(chat.turns[0]?.answers[1]?.state).toBe('stopped');
    expect(chat.busy).toBe(false);
  });
  // Would catch: an answer of another checkpoint than the one over its column, or settings that are not sent.
  test('each column is asked for its own weights, with the settings of all', async () => {
    const { studio, bridge } = await studioOver({ scene: 'trained' });
    const { chat } = studio;
    const run = { target: '/runs/one', hasTemplate: true };
    chat.setColumns([
      { ...run, use: 'last' },
      { ...run, use: 16 },
      { target: '/merged', use: 'model', hasTemplate: true },
    ]);
    chat.options = { ...chat.options, topP: 0.9, stop: ['\n'] };
    await chat.send('first');
    expect(asked(bridge, 'generate.run').map(({ input }) => input)).toMatchObject([
      { model: '/runs/one', checkpoint: 'last', topP: 0.9, stop: ['\n'] },
      { model: '/runs/one', step: 16 },
      { model: '/merged' },
    ]);
  });
  test('rows of the data are asked by themselves, a column after the other, and later questions do not hear them', async () => {
    const { studio, bridge } = await studioOver({ scene: 'trained' });
    const { chat } = studio;
    chat.choose('/runs/one', { isRun: true, hasTemplate: true });
    await chat.sendRows(await studio.client.call('data.heldOut', { run: '/runs/one', count: 2 }));
    await chat.send('after');
    const requests = asked(bridge, 'generate.run');
    expect(requests.map(({ input }) => input['base'] === true)).toEqual([true, true, false, false, true, false]);
    expect(requests.map(({ input }) => (input['messages'] as unknown[]).length)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(chat.turns[0]?.expected).toBe('Place 1 is a pub.');
  });
  test('what was asked, answered and thought of it comes back as it was', async () => {
    const { studio } = await studioOver({ scene: 'trained' });
    const { chat } = studio;
    chat.choose('/runs/one', { isRun: true, hasTemplate: true });
    await chat.send('first');
    const [turn] = chat.turns;
    if (!turn) throw new Error('no turn');
    chat.judge(turn, 1, { rating: 'up', note: 'Short and right.' });
    chat.flush();
    const before = chat.snapshot('2026-03-01T10:00:00.000Z');
    await vi.waitUntil(() => (chat.kept.value?.length ?? 0) > 0);
    const id = chat.id ?? '';
    chat.clear();
    expect(chat.turns).toEqual([]);
    await chat.open(id, async () => Promise.resolve(true));
    expect(chat.snapshot('2026-03-01T10:00:00.000Z')).toEqual(before);
    expect(before.turns[0]?.answers[1]).toMatchObject({ rating: 'up', note: 'Short and right.' });
    await chat.forget();
    expect(chat.kept.value).toEqual([]);
  });
});

describe('export', () => {
  test('writes to the folder chosen and remembers it', async () => {
    const { studio, bridge } = await studioOver({ scene: 'trained' });
    const { exporting } = studio;
    exporting.use('/runs/one');
    expect(await exporting.chooseFolder()).toBe(true);
    await exporting.start();
    expect(exporting.state).toBe('done');
    expect(exporting.result?.checks.every((check) => check.passed)).toBe(true);
    expect(studio.project.exportedTo).toBe('/home/mara/one');
    expect(asked(bridge, 'export.run')[0]?.input).toMatchObject({ run: '/runs/one', checkpoint: 'best', dtype: 'f32' });
  });
  test('another run begins anew', async () => {
    const { studio } = await studioOver({ scene: 'trained' });
    studio.exporting.use('/runs/one');
    await studio.exporting.start();
    studio.exporting.use('/runs/two');
    expect(studio.exporting.state).toBe('idle');
    expect(studio.exporting.entries).toEqual([]);
    expect(studio.exporting.shown).toBeUndefined();
  });
  test('goes to a free folder of the workspace by itself, in the options of its format', async () => {
    const { studio, bridge } = await studioOver({ scene: 'trained' });
    const { exporting } = studio;
    exporting.use('/runs/one', 'tuned');
    exporting.choose('gguf');
    exporting.quant = 'q4_k_m';
    await exporting.start();
    const input = asked(bridge, 'export.run')[0]?.input;
    expect(input).toMatchObject({ out: '/home/mara/sara/exports/tuned-GGUF', format: 'gguf', quant: 'q4_k_m' });
    expect(input).not.toHaveProperty('dtype');
  });
  // Bug caught: the second of two exports takes the folder that the first is about to be written to.
  test('several wait for each other, each with a folder of its own', async () => {
    const { studio, bridge } = await studioOver({ scene: 'trained', pace: 20 });
    const { exporting } = studio;
    exporting.use('/runs/one', 'tuned');
    exporting.choose('native');
    const first = exporting.start();
    await vi.waitUntil(() => exporting.shown?.state === 'busy');
    exporting.again();
    await exporting.start();
    await first;
    expect(asked(bridge, 'export.run').map(({ input }) => (input as { out: string }).out)).toEqual([
      '/home/mara/sara/exports/tuned-native',
      '/home/mara/sara/exports/tuned-native 2',
    ]);
    expect(exporting.entries.map(({ state }) => state)).toEqual(['done', 'done']);
  });
  test('earlier exports are listed, and one that no longer matches is shown as a failure with its cause', async () => {
    const { studio } = await studioOver({ scene: 'trained' });
    const { exporting } = studio;
    exporting.use('/runs/one', 'tuned');
    await vi.waitUntil(() => exporting.earlier.length === 2);
    const [entry] = exporting.earlier;
    if (entry === undefined) throw new Error('No earlier export.');
    exporting.show(entry);
    await vi.waitUntil(() => entry.proof !== undefined);
    expect(entry.proof?.passed).toBe(true);
    await exporting.verify(entry);
    expect(entry.proof).toMatchObject({ passed: false, likelyCause: expect.stringContaining('drive') });
  });
});

describe('runs', () => {
  test('a run that says it runs although nothing trains was cut off and can be resumed', async () => {
    const { studio } = await studioOver({ scene: 'trained' });
    await studio.runs.read();
    const [first] = studio.runs.list.value ?? [];
    if (!first) throw new Error('no run');
    const cut = { ...first, record: { ...first.record, state: 'running' as const, step: 12 } };
    expect(studio.runs.stateOf(cut)).toBe('interrupted');
    expect(studio.runs.canResume(cut)).toBe(true);
    expect(studio.runs.canResume(first)).toBe(false);
  });
  test('a deleted run is closed', async () => {
    const { studio, bridge } = await studioOver({ scene: 'trained' });
    await studio.runs.open('/home/mara/sara/runs/run-1');
    expect(studio.runs.opened.value?.log.loss.length).toBe(24);
    await studio.runs.delete('/home/mara/sara/runs/run-1', { forGood: false });
    expect(studio.runs.opened.value).toBeUndefined();
    expect(bridge.requests.some(({ route }) => route === 'workspace.deleteRun')).toBe(true);
  });
});

describe('queue', () => {
  test('keeps the order that the person makes, and stays at its ends', async () => {
    const { studio } = await studioOver({ scene: 'trained' });
    const stop = await studio.queue.begin();
    for (const run of ['a', 'b', 'c']) await studio.queue.add({ kind: 'train.resume', input: { run } });
    const order = (): string[] =>
      studio.queue.state.waiting.map(({ request }) => (request.kind === 'train.resume' ? request.input.run : ''));
    const entry = (i: number) => {
      const found = studio.queue.state.waiting[i];
      if (!found) throw new Error('not in the queue');
      return found;
    };
    await studio.queue.moveBy(entry(2), -1);
    expect(order()).toEqual(['a', 'c', 'b']);
    await studio.queue.moveBy(entry(0), -1);
    await studio.queue.moveBy(entry(2), 1);
    expect(order()).toEqual(['a', 'c', 'b']);
    await studio.queue.remove(entry(1));
    expect(order()).toEqual(['a', 'b']);
    stop();
  });
});

describe('choosing and noting runs', () => {
  const [first, second] = ['/home/mara/sara/runs/run-1', '/home/mara/sara/runs/run-2'];

  test('compares the chosen runs, and forgets a choice that was deleted', async () => {
    const { studio } = await studioOver({ scene: 'trained' });
    await studio.runs.read();
    studio.runs.choose(first);
    studio.runs.choose(second);
    await studio.runs.compare();
    expect(studio.runs.compared.value?.map(({ run }) => run)).toEqual([first, second]);
    await studio.runs.delete(second, { forGood: false });
    expect(studio.runs.chosen).toEqual([first]);
  });

  test('shows a note at once in the list and beside the open run', async () => {
    const { studio } = await studioOver({ scene: 'trained' });
    await studio.runs.read();
    await studio.runs.open(second);
    await studio.runs.annotate(second, { tags: ['again'], note: 'Smaller m.' });
    expect(studio.runs.opened.value?.notes).toEqual({ tags: ['again'], note: 'Smaller m.' });
    studio.runs.show({ tag: 'again' });
    expect(studio.runs.shown.map(({ path }) => path)).toEqual([second]);
  });

  test('keeps a note that was written while the list was being read', async () => {
    const { studio } = await studioOver({ scene: 'trained' });
    await studio.runs.read();
    const listed = studio.runs.list.value ?? [];
    let kept: RunNotes = { tags: [], note: '' };
    /** Lets answers of `runs.list` go, which tell what stood in the files when they were asked for. */
    const answers: (() => void)[] = [];
    const call = async (route: string, input: { readonly notes?: RunNotes }): Promise<unknown> => {
      if (route === 'runs.annotate') return (kept = input.notes ?? kept);
      const then = kept;
      await new Promise<void>((resolve) => answers.push(resolve));
      return listed.map((run) => ({ ...run, notes: then }));
    };
    const runs = new RunsState({ call } as unknown as Client, studio.jobs);
    const first = runs.read();
    answers.shift()?.();
    await first;
    const reading = runs.read();
    const noting = runs.annotate(second, { tags: [], note: 'The best rate so far.' });
    await vi.waitUntil(() => answers.length === 2);
    for (const answer of answers) answer();
    await Promise.all([reading, noting]);
    expect(runs.list.value?.find(({ path }) => path === second)?.notes.note).toBe('The best rate so far.');
  });

  // Would catch: a list that asks for its small curves again with every row that is scrolled.
  test('asks for a small curve once', async () => {
    const { studio, bridge } = await studioOver({ scene: 'trained' });
    await studio.runs.read();
    const list = studio.runs.list.value ?? [];
    await Promise.all([studio.runs.readSparks(list), studio.runs.readSparks(list)]);
    expect(bridge.requests.filter(({ route }) => route === 'runs.curves').length).toBe(1);
    expect([...studio.runs.sparks.keys()].sort()).toEqual([first, second]);
  });
});

describe('estimate', () => {
  test('is asked once for a configuration, and follows the trainable count between answers', async () => {
    const { studio, bridge } = await studioOver({ scene: 'data' });
    studio.project.updateConfig({ method: { name: 'lora', rank: 8, alpha: 16, dropout: 0 } });
    studio.estimate.follow();
    await vi.waitUntil(() => studio.estimate.answer.value !== undefined);
    studio.estimate.follow();
    const estimate = studio.estimate.answer.value;
    if (!estimate) throw new Error('no estimate');
    expect(bridge.requests.filter(({ route }) => route === 'train.estimate').length).toBe(1);
    expect(studio.estimate.memoryFor(estimate.trainable)).toBe(estimate.memory.total);
    expect(studio.estimate.memoryFor(2 * estimate.trainable)).toBe(
      estimate.memory.total + estimate.memory.adapters + estimate.memory.optimizer,
    );
  });
});
