// A sweep of 8 trials in which a node and the driver are killed gives what this machine gives, bit for bit.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { say } from '../../../src-main/setup/progress.mjs';
import { expect, model, rows, until } from '../lab.mjs';

/** The settings that all parts train with. @param {object} [changes] */
export function settings(changes = {}) {
  return {
    model,
    data: { path: rows, template: 'plain', maxRows: 64, maxValidationRows: 32 },
    method: { name: 'sara', threshold: 0.2 },
    steps: 24,
    batchSize: 4,
    evaluateEvery: 6,
    ...changes,
  };
}

/** @param {import('../lab.mjs').Lab} lab */
export async function sweep(lab) {
  const config = lab.file('sweep.json', {
    name: 'eight',
    config: settings(),
    space: { learningRate: { values: [1e-3, 1e-2] }, 'method.threshold': { values: [0.1, 0.3] } },
    seeds: [0, 1],
  });
  const running = lab.start(['sweep', config, '--target', 'lab']);
  await disturb(lab, running);
  const { code, stdout, stderr } = await running.ended;
  say(stderr.trim());
  expect('the sweep ends well', code === 0, stderr);
  const there = JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null');
  expect('a second job was sent after the driver was killed, and no third', lab.gate.jobs('sweep').length === 2);
  const local = await lab.sara('sweep', config, '--folder', join(lab.place, 'local'));
  for (const [i, trial] of local.trials.entries()) {
    const other = there.trials[i];
    const same = other.state === 'done' && isDeepStrictEqual(other.evaluations, trial.evaluations);
    const again = other.repeatedSteps ?? 0;
    expect(`trial ${trial.number} gives the losses of this machine (${again} steps trained again)`, same, other);
  }
  const out = join(lab.place, 'pulled');
  const { record } = await lab.sara('pull', 'eight', '--trial', '3', '--out', out);
  expect(
    'the adapter that comes home is the one trained here, byte for byte',
    adapterOf(local.trials[2].run, record.step).equals(adapterOf(out, record.step)),
  );
  const before = lab.gate.exchanges.length;
  await lab.sara('sweep', config, '--target', 'lab');
  expect('the same sweep again trains nothing', lab.gate.jobs('sweep').length === 2, lab.gate.exchanges.slice(before));
}

/** The adapter of a checkpoint. @param {string} run @param {number} step */
export function adapterOf(run, step) {
  return readFileSync(join(run, 'checkpoints', `step-${String(step).padStart(6, '0')}`, 'adapter.safetensors'));
}

/**
 * Kills a node when there are checkpoints to go on from, and the driver later.
 * @param {import('../lab.mjs').Lab} lab
 * @param {import('../lab.mjs').Started} running
 */
async function disturb({ cluster, storage }, running) {
  const sweeps = join(storage, 'sara-studio', 'sweeps');
  let over = false;
  void running.ended.then(() => (over = true));
  const checkpoints = () =>
    existsSync(sweeps)
      ? readdirSync(sweeps, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('latest.json')).length
      : 0;
  for (const [wanted, what] of /** @type {[number, string][]} */ ([
    [2, 'node'],
    [4, 'driver'],
  ])) {
    await until(`${wanted} trials have checkpoints`, () => over || checkpoints() >= wanted);
    expect(`there is a sweep left to kill the ${what} of`, !over, running.said.stderr);
    if (what === 'driver') {
      expect('the driver is killed', cluster.kill('sara_driver') > 0);
      continue;
    }
    say('Killing the node');
    cluster.tell('kill');
    await sleep(2_000);
    cluster.tell('add');
  }
}
