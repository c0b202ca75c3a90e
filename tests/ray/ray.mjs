// `npm run test:ray`: makes an environment with Ray, starts a cluster of two nodes, runs a sweep of 8 trials on it, kills
// one of the nodes and the driver, and compares every loss with the same sweep on this machine, bit for bit.
// With `-- --record` it keeps what the dashboard answers for `npm test` instead. $SARA_RAY_PYTHON names an environment
// that is there already; $SARA_RAY_SETUP=1 lets the nodes set up the native parts instead of taking the work tree's.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { buildChanged } from '../../src-main/setup/build.mjs';
import { engineProcessEnvironment } from '../../src-main/setup/engineProcess.mjs';
import { prepare } from '../../src-main/setup/prepare.mjs';
import { say } from '../../src-main/setup/progress.mjs';
import { cacheFolder, outFolder, root } from '../../src-main/setup/project.mjs';
import { findProgram, reasonOf, run } from '../../src-main/setup/run.mjs';
import { runProgram, SetupError } from '../../src-main/setup/setupError.mjs';
import { recordingProxy } from './recordingProxy.mjs';

const rayVersion = '2.60.0';
const here = join(root, 'tests', 'ray');
const recordedFile = join(root, 'tests', 'unit', 'clusters', 'recorded', 'dashboard.json');

/** A Python with Ray. */
async function ensureRay() {
  const given = process.env['SARA_RAY_PYTHON'];
  if (given !== undefined) return given;
  const folder = join(cacheFolder(), 'interop', `ray-${rayVersion}`);
  const python = join(folder, 'bin', 'python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return python;
  const own = findProgram('python3');
  if (own === undefined) throw new SetupError('Python 3.9 or newer is missing: install it with its venv module.');
  say(`Making an environment with Ray ${rayVersion}: 700 MB, once`);
  rmSync(folder, { recursive: true, force: true });
  for (const [program, parameters] of /** @type {[string, string[]][]} */ ([
    [own, ['-m', 'venv', folder]],
    [python, ['-m', 'pip', 'install', '--quiet', `ray[default,tune]==${rayVersion}`]],
  ])) {
    const outcome = await run(program, parameters, { seconds: 1800 });
    if (outcome.code !== 0) throw new SetupError(`Ray cannot be installed: ${reasonOf(outcome)}`);
  }
  writeFileSync(complete, '');
  return python;
}

/** @param {string} python @param {NodeJS.ProcessEnv} environment */
async function startCluster(python, environment) {
  const port = 20_000 + (process.pid % 20_000);
  const bin = dirname(python);
  const child = spawn(python, [join(here, 'cluster.py'), String(port)], {
    env: {
      ...environment,
      PATH: `${bin}:${environment['PATH'] ?? ''}`,
      RAY_enable_metrics_collection: '0',
      RAY_USAGE_STATS_ENABLED: '0',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (let waited = 0; !said.includes('\n'); waited += 200) {
    if (child.exitCode !== null || waited > 120_000) throw new SetupError('The cluster does not start.');
    await sleep(200);
  }
  const { dashboard, address } = JSON.parse(said.split('\n')[0] ?? '');
  return {
    dashboard: String(dashboard),
    /** @param {'kill' | 'add'} word */
    tell: (word) => child.stdin.write(`${word}\n`),
    /** Ends the drivers of this cluster, and no other process. */
    killDrivers() {
      for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        try {
          const command = readFileSync(join('/proc', id, 'cmdline'), 'utf8');
          const variables = readFileSync(join('/proc', id, 'environ'), 'utf8');
          if (command.includes('sara_driver') && variables.includes(`RAY_ADDRESS=${address}`))
            process.kill(Number(id), 'SIGKILL');
        } catch {
          // It has ended meanwhile, or belongs to somebody else.
        }
      }
    },
    async stop() {
      child.stdin.end();
      const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** @param {boolean} record */
function sweepOf(record) {
  const samples = join(root, 'resources', 'samples');
  return {
    name: record ? 'recorded' : 'eight',
    config: {
      model: join(samples, 'stories260K'),
      data: { path: join(samples, 'e2e', 'train.jsonl'), template: 'plain', maxRows: 64, maxValidationRows: 32 },
      method: { name: 'sara', threshold: 0.2 },
      steps: record ? 2 : 24,
      batchSize: 4,
      evaluateEvery: record ? 1 : 6,
    },
    space: record
      ? { learningRate: { values: [1e-3, 1e-2] } }
      : { learningRate: { values: [1e-3, 1e-2] }, 'method.threshold': { values: [0.1, 0.3] } },
    seeds: record ? [0] : [0, 1],
  };
}

await runProgram(async () => {
  const { values } = parseArgs({ options: { record: { type: 'boolean' } } });
  const record = values.record === true;
  await prepare({ window: false, engine: true });
  await buildChanged(['cli']);
  const python = await ensureRay();
  const place = mkdtempSync(join(tmpdir(), 'sara-ray-'));
  const one = { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1', OMP_NUM_THREADS: '1' };
  const modules = process.env['SARA_RAY_SETUP'] === '1' ? {} : { SARA_ENGINE_MODULES: join(root, 'node_modules') };
  const environment = { ...engineProcessEnvironment(), ...one, ...modules, SARA_HOME: join(place, 'home') };
  /** @param {readonly string[]} words */
  const sara = async (...words) => {
    const cli = join(outFolder, 'cli', 'cli.cjs');
    const outcome = await run(process.execPath, [cli, ...words, '--json'], { environment, seconds: 900 });
    say(outcome.stderr.trim());
    if (outcome.code !== 0) throw new SetupError(`sara ${words.join(' ')} failed: ${reasonOf(outcome)}`);
    return JSON.parse(outcome.stdout.trim().split('\n').at(-1) ?? 'null');
  };
  const storage = join(place, 'storage');
  mkdirSync(storage);
  const cluster = await startCluster(python, environment);
  const proxy = await recordingProxy(cluster.dashboard);
  try {
    await sara('targets', 'add', 'lab', '--address', proxy.address, '--storage', storage);
    const { nodes, fit } = await sara('targets', 'test', 'lab');
    expect('both nodes are fit', nodes.length === 2 && fit);
    const config = join(place, 'sweep.json');
    writeFileSync(config, JSON.stringify(sweepOf(record)));
    const running = sara('sweep', config, '--target', 'lab');
    running.catch(() => undefined);
    if (!record) await disturb(cluster, storage, running);
    const there = await running;
    await sara('runs', '--target', 'lab');
    if (record) {
      keep(proxy.exchanges, place);
      return 0;
    }
    const local = await sara('sweep', config, '--folder', join(place, 'local'));
    for (const [i, trial] of local.trials.entries()) {
      const other = there.trials[i];
      const same = other.state === 'done' && isDeepStrictEqual(other.evaluations, trial.evaluations);
      expect(
        `trial ${trial.number} gives the losses of this machine (${other.repeatedSteps ?? 0} steps trained again)`,
        same,
      );
    }
    const out = join(place, 'pulled');
    const { record: pulled } = await sara('pull', 'eight', '--trial', '3', '--out', out);
    const adapter = ['checkpoints', `step-${String(pulled.step).padStart(6, '0')}`, 'adapter.safetensors'];
    const twin = readFileSync(join(local.trials[2].run, ...adapter));
    expect(
      'the adapter that comes home is the one trained here, byte for byte',
      twin.equals(readFileSync(join(out, ...adapter))),
    );
    say(
      `${proxy.exchanges.length} requests, ${proxy.exchanges.reduce((sum, { body }) => sum + body.length, 0)} bytes of answers`,
    );
    return 0;
  } finally {
    proxy.close();
    await cluster.stop();
    rmSync(place, { recursive: true, force: true });
  }
});

/**
 * Kills a node when there are checkpoints to go on from, and the driver later.
 * @param {Awaited<ReturnType<typeof startCluster>>} cluster
 * @param {string} storage
 * @param {Promise<unknown>} running
 */
async function disturb(cluster, storage, running) {
  const sweeps = join(storage, 'sara-studio', 'sweeps');
  let over = false;
  void running.finally(() => (over = true)).catch(() => undefined);
  const checkpoints = () =>
    existsSync(sweeps)
      ? readdirSync(sweeps, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('latest.json')).length
      : 0;
  for (const [wanted, what] of /** @type {[number, string][]} */ ([
    [2, 'node'],
    [4, 'driver'],
  ])) {
    while (!over && checkpoints() < wanted) await sleep(250);
    expect(`there is a sweep left to kill the ${what} of`, !over);
    say(`Killing the ${what}`);
    if (what === 'driver') cluster.killDrivers();
    else {
      cluster.tell('kill');
      await sleep(2_000);
      cluster.tell('add');
    }
  }
}

/**
 * @param {string} promise
 * @param {boolean} kept
 */
function expect(promise, kept) {
  if (!kept) throw new SetupError(`Not so: ${promise}.`, 1);
  say(`ok: ${promise}`);
}

/**
 * @param {readonly import('./recordingProxy.mjs').Exchange[]} exchanges
 * @param {string} place
 */
function keep(exchanges, place) {
  mkdirSync(dirname(recordedFile), { recursive: true });
  const text = JSON.stringify({ ray: rayVersion, exchanges }, null, 1).replaceAll(place, '/tmp/sara-ray');
  writeFileSync(recordedFile, `${text.replaceAll(root, '/work-tree')}\n`);
  say(`${recordedFile}: ${exchanges.length} answers`);
}
