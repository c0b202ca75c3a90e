// `npm run test:ray`: makes an environment with Ray, starts a cluster of two nodes, and goes through its parts (or those
// that are named): `sweep`, `train`, `elsewhere`, `access`, `faults`. What comes back is compared with this machine, bit
// for bit. With `--record` it keeps what the dashboard answers for `npm test` instead. $SARA_RAY_PYTHON names an
// environment that is there already; $SARA_RAY_SETUP=1 lets the nodes set up the native parts instead of taking the work tree's.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildChanged } from '../../src-main/setup/build.mjs';
import { prepare } from '../../src-main/setup/prepare.mjs';
import { say } from '../../src-main/setup/progress.mjs';
import { root } from '../../src-main/setup/project.mjs';
import { runProgram, SetupError } from '../../src-main/setup/setupError.mjs';
import { ensureRay, rayVersion } from './environment.mjs';
import { expect, openLab } from './lab.mjs';
import { access } from './parts/access.mjs';
import { faults } from './parts/faults.mjs';
import { settings, sweep } from './parts/sweep.mjs';
import { elsewhere, train } from './parts/train.mjs';

/** @typedef {import('./lab.mjs').Lab} Lab */

const parts = { sweep, train, elsewhere, access, faults };
const recordedFile = join(root, 'tests', 'unit', 'clusters', 'recorded', 'dashboard.json');

await runProgram(async () => {
  const { values, positionals } = parseArgs({ options: { record: { type: 'boolean' } }, allowPositionals: true });
  const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw new SetupError(`There is no part ${unknown}: ${Object.keys(parts).join(', ')}.`, 2);
  await prepare({ window: false, engine: true });
  await buildChanged(['cli']);
  const python = await ensureRay();
  const begun = Date.now();
  const seconds = () => `${Math.round((Date.now() - begun) / 1000)} s`;
  const lab = await openLab(python);
  try {
    await lab.sara('targets', 'add', 'lab', '--address', lab.gate.address, '--storage', lab.storage);
    const { nodes, fit } = await lab.sara('targets', 'test', 'lab');
    expect('both nodes are fit', nodes.length === 2 && fit);
    if (values.record === true) {
      await record(lab);
      return 0;
    }
    for (const [name, part] of Object.entries(parts)) {
      if (positionals.length > 0 && !positionals.includes(name)) continue;
      say(`${seconds()}: ${name}`);
      await part(lab);
    }
    const { exchanges } = lab.gate;
    const bytes = exchanges.reduce((sum, { body }) => sum + body.length, 0);
    say(`All of it holds, after ${seconds()}: ${exchanges.length} requests, ${bytes} bytes of answers`);
    return 0;
  } finally {
    await lab.close();
  }
});

/** @param {Lab} lab */
async function record({ sara, file, gate, place }) {
  const config = file('sweep.json', {
    name: 'recorded',
    config: settings({ steps: 2, evaluateEvery: 1 }),
    space: { learningRate: { values: [1e-3, 1e-2] } },
    seeds: [0],
  });
  await sara('sweep', config, '--target', 'lab');
  await sara('runs', '--target', 'lab');
  mkdirSync(dirname(recordedFile), { recursive: true });
  const exchanges = gate.exchanges.map(({ method, path, status, body, sent }) => ({
    method,
    path,
    status,
    body,
    sent,
  }));
  const text = JSON.stringify({ ray: rayVersion, exchanges }, null, 1).replaceAll(place, '/tmp/sara-ray');
  writeFileSync(recordedFile, `${text.replaceAll(root, '/work-tree')}\n`);
  say(`${recordedFile}: ${exchanges.length} answers`);
}
