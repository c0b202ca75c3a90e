import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tunnelArguments } from '../../../src-main/clusters/connection.ts';
import { DriverLog, withChanges } from '../../../src-main/clusters/driverLog.ts';
import type { DriverLine } from '../../../src-main/clusters/driverLine.schema.ts';
import { runOnTarget, type ClusterContext } from '../../../src-main/clusters/runOnTarget.ts';
import { usualPatience, type FollowPatience } from '../../../src-main/clusters/followJob.ts';
import { listJobs, reportOf, testTarget } from '../../../src-main/clusters/testTarget.ts';
import type { ControlAction } from '../../../src-main/contract/engine.ts';
import { sweepSchema, type Sweep } from '../../../src-main/contract/sweeps.schema.ts';
import type { SweepEvent } from '../../../src-main/contract/sweeps.ts';
import { targetSchema, type TargetCall } from '../../../src-main/contract/targets.schema.ts';
import { systemClock } from '../../../src-main/util/clock.ts';
import { RecordedDashboard } from './recordedDashboard.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const model = path.join(root, 'resources', 'samples', 'stories260K');
const services = {
  clock: systemClock,
  bundle: {
    commandLine: path.join(root, 'package.json'),
    sources: root,
    programs: path.join(root, 'resources', 'ray'),
  },
  patience: { first: 5, longest: 20, all: 60_000, look: 5 } as FollowPatience,
};
const { signal } = new AbortController();
const token = 'very-secret-token';

let folder = '';
let dashboard: RecordedDashboard;
let call: TargetCall;
let sweep: Sweep;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-clusters-'));
  process.env['SARA_CACHE'] = path.join(folder, 'cache');
  await mkdir(path.join(folder, 'data'));
  const rows = path.join(folder, 'data', 'rows.jsonl');
  await writeFile(rows, '{"prompt":"a","completion":"b"}\n');
  await writeFile(path.join(folder, 'data', 'private.txt'), 'not chosen by anybody');
  sweep = sweepSchema.parse({
    name: 'recorded',
    config: { model, data: { path: rows }, method: { name: 'sara' }, steps: 2, evaluateEvery: 1 },
    space: { learningRate: { values: [1e-3, 1e-2] } },
  });
  dashboard = new RecordedDashboard();
  const address = await dashboard.start();
  call = { target: targetSchema.parse({ name: 'lab', address, storage: '/nowhere/shared' }), token };
});
afterEach(async () => {
  await dashboard.stop();
  await rm(folder, { recursive: true });
});

function contextOf(controls: ControlAction[] = []): ClusterContext & { readonly events: SweepEvent[] } {
  const events: SweepEvent[] = [];
  return { signal, events, emit: (event) => events.push(event), takeControls: () => controls.splice(0) };
}

async function run(context = contextOf(), patience = services.patience): ReturnType<typeof runOnTarget> {
  const place = path.join(folder, 'sweep');
  await mkdir(place, { recursive: true });
  return runOnTarget({ sweep, folder: place, target: call, kind: 'sweep' }, { ...services, patience }, context);
}

test('a target says what its nodes are and have', async () => {
  const report = await testTarget(call, services, signal);
  expect(report).toMatchObject({ rayVersion: '2.60.0', fit: true, open: false, warnings: [] });
  expect(report.nodes.map(({ cpus, problem }) => [cpus, problem])).toEqual([
    [1, undefined],
    [1, undefined],
  ]);
  expect(report.storage.writable).toBe(true);
  expect((await listJobs(call, signal)).map(({ kind, name, state }) => [kind, name, state])).toContainEqual([
    'sweep',
    'recorded',
    'done',
  ]);
});

test('a sweep comes back from the cluster, is kept, and is not sent again', async () => {
  const result = await run();
  expect(result).toMatchObject({ complete: true, target: 'lab' });
  expect(result.trials.map(({ state, step, evaluations }) => [state, step, evaluations.length])).toEqual([
    ['done', 2, 2],
    ['done', 2, 2],
  ]);
  const jobs = dashboard.submissions.map(({ metadata }) => metadata['kind']);
  expect(jobs).toEqual(['files', 'files', 'sweep']);
  const again = await run();
  expect(again.trials).toEqual(result.trials);
  expect(dashboard.submissions).toHaveLength(jobs.length);
});

// Bug: a file beside the chosen one travels to the cluster, or a token ends where the dashboard shows it to everybody.
test('what is uploaded is the model and the chosen rows, and no request but its header holds the token', async () => {
  await run();
  const pieces = dashboard.seen
    .filter(({ method }) => method === 'PUT')
    .flatMap(({ body }) => Object.entries(unzipSync(body)))
    .filter(([name]) => name.startsWith('pieces/'))
    .map(([name]) => name.slice('pieces/'.length));
  const files = [
    ...(await readdir(model))
      .filter((name) => /\.(safetensors|json|txt|model|jinja)$/.test(name))
      .map((name) => path.join(model, name)),
    sweep.config.data.path,
  ];
  const hashes = await Promise.all(
    files.map(async (one) =>
      createHash('sha256')
        .update(await readFile(one))
        .digest('hex'),
    ),
  );
  expect(new Set(pieces)).toEqual(new Set(hashes));
  for (const { body, path: place, authorization } of dashboard.seen) {
    expect(authorization).toBe(`Bearer ${token}`);
    expect(`${place}${body.toString()}`).not.toContain(token);
  }
  expect(await readFile(path.join(folder, 'sweep', 'sweep.json'), 'utf8')).not.toContain(token);
});

// Bug: after a break the output is read from its beginning again, and evaluations are counted twice.
test('a connection that breaks again and again loses nothing and doubles nothing', async () => {
  const undisturbed = await run();
  await rm(path.join(folder, 'sweep'), { recursive: true });
  dashboard.cuts = [200, 900, 1500];
  let failures = 0;
  dashboard.instead = ({ path: place }) =>
    place.startsWith('/api/jobs/sara-recorded') && failures++ < 2 ? { status: 503, body: 'busy' } : undefined;
  const context = contextOf();
  const disturbed = await run(context);
  expect(disturbed.trials).toEqual(undisturbed.trials);
  const notes = context.events.flatMap((event) => (event.event === 'note' ? [event.text] : []));
  expect(notes.some((text) => text.includes('What runs there goes on'))).toBe(true);
});

/** A clock of its own, and a dashboard that is away for so many hours of it once the first output was cut off. */
function awayFor(hours: number): { readonly patience: FollowPatience; asked(): number } {
  let now = 0;
  let from: number | undefined;
  let asked = 0;
  const sleep = async (milliseconds: number): Promise<void> => {
    now += milliseconds;
    await new Promise((resolve) => setImmediate(resolve));
  };
  dashboard.cuts = [200];
  dashboard.instead = ({ path: place }) => {
    if (!place.startsWith('/api/jobs/sara-recorded') || dashboard.cuts.length > 0) return undefined;
    from ??= now;
    if (now - from > hours * 3_600_000) return undefined;
    asked += 1;
    return { status: 503, body: 'away' };
  };
  return { patience: { ...usualPatience, look: 5, time: { now: () => now, sleep } }, asked: () => asked };
}

// Bug: an hour without the cluster ends the sweep, floods the dashboard, or sends the job a second time.
test('an hour without the dashboard loses nothing, and asks it no more than twice a minute', async () => {
  const undisturbed = await run();
  await rm(path.join(folder, 'sweep'), { recursive: true });
  const before = dashboard.submissions.length;
  const { patience, asked } = awayFor(1);
  const context = contextOf();
  const result = await run(context, patience);
  expect(result.trials).toEqual(undisturbed.trials);
  expect(asked()).toBeGreaterThan(60);
  expect(asked()).toBeLessThan(130);
  const sent = dashboard.submissions.slice(before).filter(({ metadata }) => metadata['kind'] === 'sweep');
  expect(sent).toHaveLength(1);
  const notes = context.events.flatMap((event) => (event.event === 'note' ? [event.text] : []));
  // Told once when it goes and once when it is back, not at every try.
  expect(notes.filter((text) => text.includes('trying again'))).toHaveLength(1);
  expect(notes).toContain('The dashboard answers again.');
});

// Bug: what a job told while the app was closed is trained again.
test('a sweep given up after a day, or left by an app that was closed, is found again and not sent anew', async () => {
  const { patience } = awayFor(25);
  await expect(run(contextOf(), patience)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  const sent = dashboard.submissions.length;
  dashboard.instead = () => undefined;
  const result = await run();
  expect(result.complete).toBe(true);
  expect(dashboard.submissions).toHaveLength(sent);
});

// Bug: a sweep whose job was stopped follows that job for ever instead of going on.
test.each([
  ['stopped', 'STOPPED', ''],
  [
    'at the end of its tries',
    'SUCCEEDED',
    '@sara {"n":1,"t":[[1,{"state":"failed","error":{"code":"TRIAL_FAILED","message":"full"}}]]}\n',
  ],
])('a sweep whose first job was %s is gone on with by another', async (_what, status, logs) => {
  dashboard.instead = ({ method, path: place }) =>
    method !== 'GET' || !/\/sara-recorded[^/]*-1(?:\/logs)?$/.test(place)
      ? undefined
      : { status: 200, body: JSON.stringify(place.endsWith('logs') ? { logs } : { submission_id: 'x', status }) };
  dashboard.cuts = [0];
  expect((await run()).complete).toBe(false);
  dashboard.cuts = [0];
  const result = await run();
  expect(result.trials.map(({ state }) => state)).toEqual(['done', 'done']);
  const sent = dashboard.submissions.filter(({ metadata }) => metadata['kind'] === 'sweep');
  expect(sent.map(({ submission_id: id }) => id.split('-').at(-1))).toEqual(['1', '2']);
});

// Bug: behind a proxy that passes no WebSockets on, nothing is ever told of a job that is done.
test('where output does not come as it is written, it is read whole', async () => {
  const undisturbed = await run();
  await rm(path.join(folder, 'sweep'), { recursive: true });
  dashboard.cuts = Array.from({ length: 100 }, () => 0);
  expect((await run()).trials).toEqual(undisturbed.trials);
});

test('a job that fails again and again without a step is given up with a sentence', async () => {
  dashboard.instead = ({ method, path: place }) =>
    method === 'GET' && /^\/api\/jobs\/sara-recorded[^/]*$/.test(place)
      ? {
          status: 200,
          body: JSON.stringify({ submission_id: 'x', status: 'FAILED', message: 'No module named ray.tune' }),
        }
      : place.endsWith('logs') && place.includes('sara-recorded')
        ? { status: 200, body: JSON.stringify({ logs: '' }) }
        : undefined;
  dashboard.cuts = [0, 0, 0];
  await expect(run()).rejects.toMatchObject({ code: 'TRIAL_FAILED' });
  expect(dashboard.submissions.filter(({ metadata }) => metadata['kind'] === 'sweep').length).toBeGreaterThan(1);
});

test.each([
  [401, 'Unauthorized', 'TARGET_REFUSED', 'refused the token'],
  [200, '<html>welcome</html>', 'TARGET_REFUSED', 'not Ray’s dashboard'],
  [200, JSON.stringify({ version: '4', ray_version: '2.3.1' }), 'TARGET_UNFIT', '2.9 or newer'],
  [503, 'starting', 'TARGET_UNREACHABLE', '503'],
])('an answer of %i %s is told as %s', async (status, body, code, words) => {
  dashboard.instead = () => ({ status, body });
  await expect(testTarget(call, services, signal)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words),
  });
});

test('a dashboard that is not there is told by its address', async () => {
  await dashboard.stop();
  await expect(testTarget(call, services, signal)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  dashboard = new RecordedDashboard();
  await dashboard.start();
});

test('a dashboard open to a network, and storage that is not shared, are warned of', () => {
  const target = targetSchema.parse({ name: 'lab', address: 'http://head:8265', storage: '/shared' });
  const node = {
    address: 'a',
    cpus: 4,
    gpus: 0,
    memoryBytes: 1,
    platform: 'linux-x86_64',
    node: '22.1.0',
    freeDiskBytes: 9e9,
    ready: true,
  };
  const probe = [
    { ...node, id: '1' },
    { ...node, id: '2', storageProblem: 'What this node writes to the storage is not seen by the others.' },
  ];
  const { warnings, fit, storage } = reportOf({ target }, '2.60.0', true, { probe });
  expect([fit, storage.writable]).toEqual([false, false]);
  expect(warnings.join(' ')).toMatch(/token authentication.*unencrypted.*not seen by the others/);
});

test.each([
  ['user and password', { address: 'http://me:secret@head:8265' }],
  ['an option instead of a host', { tunnel: { host: '-oProxyCommand=evil' } }],
  ['an option instead of a user', { tunnel: { host: 'head', user: '-x' } }],
  ['another kind of address', { address: 'file:///etc/passwd' }],
])('a target with %s is refused', (_what, changes) => {
  const target = { name: 'lab', address: 'http://head:8265', storage: '/shared', ...changes };
  expect(targetSchema.safeParse(target).success).toBe(false);
});

test('a tunnel is opened to this machine alone, and its host is never an option', () => {
  const target = targetSchema.parse({
    name: 'l',
    address: 'http://10.0.0.5:8265',
    storage: '/s',
    tunnel: { host: 'gate', user: 'mara', port: 2222 },
  });
  const words = tunnelArguments(target, new URL(target.address), 4000);
  expect(words.slice(words.indexOf('-L'))).toEqual([
    '-L',
    '127.0.0.1:4000:10.0.0.5:8265',
    '-p',
    '2222',
    '-l',
    'mara',
    '--',
    'gate',
  ]);
});

test('messages cut anywhere, and repeated from the beginning, are each read once', () => {
  const lines = [1, 2, 3].map((n) => `@sara ${JSON.stringify({ n, t: [[1, { step: n, '+': [[n, n / 2]] }]] })}\n`);
  const output = `warning: something\n${lines.join('')}`;
  for (let cut = 0; cut <= output.length; cut += 7) {
    const read: DriverLine[] = [];
    const log = new DriverLog((line) => read.push(line));
    log.feed(output.slice(0, cut));
    log.rewind();
    for (const letter of output) log.feed(letter);
    const outcome = read.reduce<Parameters<typeof withChanges>[0]>(
      (before, { t }) => withChanges(before, t?.[0]?.[1] ?? {}),
      {
        state: 'waiting',
        step: 0,
        totalSteps: 3,
        evaluations: [],
      },
    );
    expect(outcome.evaluations).toEqual([1, 2, 3].map((step) => ({ step, loss: step / 2 })));
    expect(log.words).toContain('something');
  }
});
