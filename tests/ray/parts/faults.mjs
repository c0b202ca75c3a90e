// Storage that is full, and versions that do not fit: a sentence that says what to do, and nothing lost.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../../../src-main/setup/progress.mjs';
import { root } from '../../../src-main/setup/project.mjs';
import { expect, model } from '../lab.mjs';
import { adapterOf, settings } from './sweep.mjs';

/** @param {import('../lab.mjs').Lab} lab */
export async function faults(lab) {
  versions(lab);
  if (process.getuid?.() !== 0) return say('Not checked: full disks, which need the right to mount small ones');
  await fullStorage(lab);
  await fullNode(lab);
}

/** @param {import('../lab.mjs').Lab} lab */
function versions({ place, python }) {
  const bundle = join(place, 'bundle');
  mkdirSync(join(bundle, 'engine'), { recursive: true });
  cpSync(join(root, 'resources', 'ray'), bundle, { recursive: true });
  cpSync(join(root, 'package.json'), join(bundle, 'engine', 'package.json'));
  const old = join(bundle, 'node');
  writeFileSync(old, '#!/bin/sh\necho v16.20.2\n');
  chmodSync(old, 0o755);
  const other = join(bundle, 'modules', '@tensorflow', 'tfjs-node-gpu');
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, 'package.json'), '{"version":"3.21.0"}');
  /** @param {string} code @param {NodeJS.ProcessEnv} variables */
  const said = (code, variables) => {
    const env = { HOME: place, ...variables };
    const { stderr } = spawnSync(python, ['-c', code], { cwd: bundle, env, encoding: 'utf8' });
    return stderr.trim().split('\n').at(-1) ?? '';
  };
  const node = 'import sara_engine; sara_engine.find_node()';
  const modules = 'import sara_engine; sara_engine.ensure_modules(0, print)';
  for (const [what, words, code, variables] of /** @type {[string, RegExp, string, NodeJS.ProcessEnv][]} */ ([
    ['no Node.js', /Node\.js is missing on this node: install 20\.19/, node, { PATH: '/nowhere' }],
    [
      'an old Node.js',
      /Node\.js 16\.20\.2 on this node is too old: install/,
      node,
      { SARA_NODE: old, PATH: '/nowhere' },
    ],
    [
      'other native parts',
      /holds version 3\.21\.0 .* needs 4\./,
      modules,
      { SARA_ENGINE_MODULES: join(bundle, 'modules') },
    ],
    ['native parts that are not there', /holds none/, modules, { SARA_ENGINE_MODULES: place }],
  ])) {
    const sentence = said(code, variables);
    expect(`${what}: a sentence says what to do`, words.test(sentence), sentence);
  }
  const driver = [
    'import ray, sys; ray.__version__ = "2.3.1"',
    'ray.init = lambda **_: sys.exit("it was started all the same")',
    'sys.argv = ["sara_driver", "plan.json"]; import sara_driver; sys.exit(sara_driver.main())',
  ].join('\n');
  writeFileSync(join(bundle, 'plan.json'), '{}');
  const { stdout, status } = spawnSync(python, ['-c', driver], { cwd: bundle, env: { HOME: place }, encoding: 'utf8' });
  expect(
    'an old Ray: a sentence says what to do',
    status === 1 && /Ray 2\.3\.1 is too old: .* 2\.9 or newer/.test(stdout),
    stdout,
  );
}

/** @param {import('../lab.mjs').Lab} lab */
async function fullStorage(lab) {
  const storage = join(lab.place, 'small');
  mkdirSync(storage);
  // Room for what is uploaded and one checkpoint, and not for two.
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2600k', 'tmpfs', storage]);
  try {
    await lab.sara('targets', 'add', 'small', '--address', lab.gate.address, '--storage', storage);
    const config = lab.file('small.json', settings({ steps: 24, seed: 5 }));
    const out = join(lab.place, 'squeezed');
    const words = ['train', model, '--config', config, '--out', out, '--target', 'small'];
    const full = await lab.start(words).ended;
    expect(
      'full storage ends a run with a sentence',
      full.code !== 0 && /no space left in the storage/.test(full.stderr),
      full.stderr,
    );
    execFileSync('mount', ['-o', 'remount,size=64m', storage]);
    const again = await lab.start(words).ended;
    expect('with room it goes on', again.code === 0, again.stderr);
    const local = join(lab.place, 'squeezed here');
    await lab.start(['train', model, '--config', config, '--out', local]).ended;
    expect('and nothing was lost', existsSync(local) && adapterOf(out, 24).equals(adapterOf(local, 24)));
  } finally {
    execFileSync('umount', ['-l', storage]);
  }
}

/** @param {import('../lab.mjs').Lab} lab */
async function fullNode(lab) {
  const scratch = join(lab.cache, 'cluster', 'scratch');
  mkdirSync(scratch, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', scratch]);
  const config = lab.file('node.json', settings({ steps: 12, seed: 6 }));
  const out = join(lab.place, 'full node');
  const words = ['train', model, '--config', config, '--out', out, '--target', 'lab'];
  try {
    const { code, stderr } = await lab.start(words).ended;
    expect(
      'a full disk of a node ends a run with a sentence',
      code !== 0 && /on node .*no space left|The disk of node/.test(stderr),
      stderr,
    );
  } finally {
    execFileSync('umount', ['-l', scratch]);
  }
  const again = await lab.start(words).ended;
  expect('with room there it goes on', again.code === 0 && existsSync(out), again.stderr);
}
