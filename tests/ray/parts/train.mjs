// One run elsewhere through everything that may happen to it: its client killed, its worker killed, the dashboard away,
// stopped and gone on with. It comes home as the run that this machine trains.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect, hubModel, model, until } from '../lab.mjs';
import { adapterOf, settings } from './sweep.mjs';

/** @param {import('../lab.mjs').Lab} lab */
export async function train(lab) {
  const { gate, cluster } = lab;
  const config = lab.file('run.json', settings({ steps: 600, evaluateEvery: 100, saveEvery: 50, maxGradNorm: 1 }));
  const out = join(lab.place, 'run');
  const kept = `${out} on lab`;
  const words = ['train', model, '--config', config, '--out', out, '--target', 'lab'];
  const latest = () => newest(lab.storage, '-run-');

  const first = lab.start(words);
  await first.says('"event":"step"');
  expect('how much was uploaded is told', /Uploaded [\d.]+ MB/.test(first.said.stderr), first.said.stderr);
  first.kill();
  await first.ended;
  const step = latest();
  await until('the run goes on without its client', () => latest() > step);
  const jobs = async () => (await lab.sara('runs', '--target', 'lab')).jobs.filter(isRun);
  const [atWork] = await jobs();
  expect('sara runs names the job that is at work', atWork?.state === 'running', atWork);

  const second = lab.start(words);
  await second.says('"event":"eval"');
  expect('the client that is started again follows the same job', gate.jobs('run').length === 1);
  expect('the worker is killed', cluster.killWorkers('cli.cjs') > 0);
  await second.says('cut off and goes on from its last checkpoint', 'stderr');
  gate.leave();
  await second.says('cannot be reached', 'stderr');
  const before = latest();
  await until('the run goes on without the dashboard', () => latest() > before);
  gate.comeBack();
  await second.says('answers again', 'stderr');
  await lab.sara('runs', '--target', 'lab', '--stop', atWork.id);
  const { code, stderr } = await second.ended;
  expect('a run that is stopped there says how to go on', code === 130 && /start it again/.test(stderr), stderr);
  expect('no run is at home yet', !existsSync(out));
  await until('its engine ends', () => cluster.processes('cli.cjs').length === 0);
  const reached = latest();
  await sleep(3_000);
  expect('what was stopped trains no more', latest() === reached);

  const third = lab.start(words);
  const end = await third.ended;
  expect('the run comes home', end.code === 0, end.stderr);
  expect('one job more was sent', gate.jobs('run').length === 2, gate.jobs('run'));
  expect('nothing was uploaded twice', /Uploaded 0\.0 MB; [1-9]/.test(end.stderr), end.stderr);
  const local = join(lab.place, 'run here');
  await lab.start(['train', model, '--config', config, '--out', local]).ended;
  const [there, here] = [recordOf(out), recordOf(local)];
  expect('all its steps were trained', there.step === 600 && there.state === 'done', there);
  for (const at of [there.best.step, there.step]) {
    expect(`its adapter after ${at} steps is the one trained here, byte for byte`, same(out, local, at));
  }
  expect('its losses are those trained here', isDeepStrictEqual(losses(out), losses(local)));
  expect('the paths in its record are those of this machine', there.model.path === here.model.path, there.model);

  await damaged(lab, kept);
}

/** @param {import('../lab.mjs').Lab} lab @param {string} kept */
async function damaged(lab, kept) {
  const { folder, file } = archive(lab.storage, '-run-');
  const content = readFileSync(join(folder, file));
  content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
  writeFileSync(join(folder, file), content);
  const out = join(lab.place, 'damaged');
  const { code, stderr } = await lab.start(['pull', kept, '--trial', '1', '--out', out]).ended;
  expect('an archive that was changed is refused', code !== 0 && /did not arrive whole/.test(stderr), stderr);
  expect('and nothing of it is left at home', !existsSync(out));
}

/** @param {{ kind: string }} job */
const isRun = ({ kind }) => kind === 'run';

/** Where the newest checkpoint of the only trial of a sweep lies. @param {string} storage @param {string} name */
function archive(storage, name) {
  const sweeps = join(storage, 'sara-studio', 'sweeps');
  const found = existsSync(sweeps) ? readdirSync(sweeps, { recursive: true, encoding: 'utf8' }) : [];
  const latest = found.find((file) => `-${file}`.includes(name) && file.endsWith('latest.json'));
  if (latest === undefined) return { folder: sweeps, file: '', step: -1 };
  const path = join(sweeps, latest);
  /** @type {{ file: string, step: number }} */
  const { file, step } = JSON.parse(readFileSync(path, 'utf8'));
  return { folder: join(path, '..'), file, step };
}

/** @param {string} storage @param {string} name */
const newest = (storage, name) => archive(storage, name).step;

/** @param {string} run */
const recordOf = (run) => JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'));

/** @param {string} one @param {string} other @param {number} step */
const same = (one, other, step) => adapterOf(one, step).equals(adapterOf(other, step));

/** Losses of all steps and evaluations. @param {string} run */
function losses(run) {
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const { event, step, loss } = JSON.parse(line);
    return event === 'step' || event === 'eval' ? [[event, step, loss]] : [];
  });
}

/**
 * Models that are not uploaded: a path that the cluster sees, and one of the hub from the cache of the nodes.
 * @param {import('../lab.mjs').Lab} lab
 */
export async function elsewhere(lab) {
  const config = lab.file('models.json', {
    name: 'models',
    config: settings({ steps: 2, evaluateEvery: 1 }),
    space: { model: { values: [model, `cluster:${model}`, `hf:${hubModel}`] } },
  });
  const { trials } = await lab.sara('sweep', config, '--target', 'lab');
  const found = trials.map(({ state, evaluations }) => [state, evaluations]);
  expect(
    'a path of the cluster and a hub id train as an upload does',
    found.every((one) => isDeepStrictEqual(one, found[0])) && found[0][0] === 'done',
    trials,
  );
}
