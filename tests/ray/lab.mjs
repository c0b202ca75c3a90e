// What the parts of `npm run test:ray` share: a cluster, its storage, a desktop of their own and the command line.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineProcessEnvironment } from '../../src-main/setup/engineProcess.mjs';
import { say } from '../../src-main/setup/progress.mjs';
import { outFolder, root } from '../../src-main/setup/project.mjs';
import { SetupError } from '../../src-main/setup/setupError.mjs';
import { startCluster } from './cluster.mjs';
import { openGate } from './gate.mjs';

/** @typedef {Awaited<ReturnType<typeof openLab>>} Lab */
/** @typedef {{ code: number | null, stdout: string, stderr: string }} Ended */
/** @typedef {ReturnType<Lab['start']>} Started */

const cli = join(outFolder, 'cli', 'cli.cjs');
const samples = join(root, 'resources', 'samples');
export const model = join(samples, 'stories260K');
export const rows = join(samples, 'e2e', 'train.jsonl');

/** @param {string} python with Ray */
export async function openLab(python) {
  const place = mkdtempSync(join(tmpdir(), 'sara-ray-'));
  const one = { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1', OMP_NUM_THREADS: '1' };
  const modules = process.env['SARA_RAY_SETUP'] === '1' ? {} : { SARA_ENGINE_MODULES: join(root, 'node_modules') };
  /** @type {NodeJS.ProcessEnv} */
  const environment = { ...engineProcessEnvironment(), ...one, ...modules, SARA_HOME: join(place, 'home') };
  // The cluster asks for a token, and the desktop has it.
  const token = randomBytes(24).toString('hex');
  const asking = { RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN: token };
  const storage = join(place, 'storage');
  mkdirSync(storage);
  const hub = join(place, 'hub');
  keepInHub(hub);
  const cache = join(place, 'node');
  const cluster = await startCluster(python, {
    ...environment,
    ...asking,
    SARA_CACHE: cache,
    HF_HOME: hub,
    HF_HUB_OFFLINE: '1',
  });
  const gate = await openGate(cluster.dashboard);

  /** @type {Set<import('node:child_process').ChildProcess>} */
  const clients = new Set();

  /**
   * A command that goes on by itself.
   * @param {readonly string[]} words
   * @param {NodeJS.ProcessEnv} [variables]
   */
  function start(words, variables = {}) {
    const child = spawn(process.execPath, [cli, ...words, '--json'], {
      env: { ...environment, SARA_TARGET_TOKEN: token, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    clients.add(child);
    child.once('close', () => clients.delete(child));
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (said.stderr += text));
    /** @type {Promise<Ended>} */
    const ended = new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
    return {
      ended,
      said,
      pid: String(child.pid),
      kill: () => child.kill('SIGKILL'),
      /** @param {string | RegExp} text @param {'stdout' | 'stderr'} [where] */
      says: async (text, where = 'stdout') =>
        until(`sara ${words[0]} says ${text}`, () => {
          if (said[where].search(text) >= 0) return true;
          if (child.exitCode !== null) throw new SetupError(`sara ${words[0]} ended: ${said.stderr}`, 1);
          return false;
        }),
    };
  }

  return {
    place,
    storage,
    token,
    /** What nodes keep of their own. */
    cache,
    cluster,
    gate,
    python,
    environment,
    start,
    /** The last JSON value that a command gives. @param {readonly string[]} words */
    async sara(...words) {
      const { code, stdout, stderr } = await start(words).ended;
      if (stderr.trim() !== '') say(stderr.trim());
      if (code !== 0) throw new SetupError(`sara ${words.join(' ')} failed: ${stderr}`, 1);
      return JSON.parse(stdout.trim().split('\n').at(-1) || 'null');
    },
    /** A file of JSON. @param {string} name @param {unknown} content */
    file(name, content) {
      const path = join(place, name);
      writeFileSync(path, JSON.stringify(content));
      return path;
    },
    async close() {
      // Those of a part that failed would wait for their cluster for ever.
      for (const client of clients) client.kill('SIGKILL');
      gate.close();
      await cluster.stop();
      rmSync(place, { recursive: true, force: true });
    },
  };
}

/** A model of the hub that the nodes have in their cache; they reach no hub. */
export const hubModel = 'karpathy/tinyllamas-260K';

/** @param {string} hub */
function keepInHub(hub) {
  const revision = 'c0ffee'.repeat(7).slice(0, 40);
  const place = join(hub, 'hub', `models--${hubModel.replace('/', '--')}`);
  cpSync(model, join(place, 'snapshots', revision), { recursive: true });
  mkdirSync(join(place, 'refs'));
  writeFileSync(join(place, 'refs', 'main'), revision);
}

/**
 * @param {string} promise
 * @param {boolean} kept
 * @param {unknown} [found] told where it is not kept
 */
export function expect(promise, kept, found = '') {
  if (!kept)
    throw new SetupError(`Not so: ${promise}. ${typeof found === 'string' ? found : JSON.stringify(found)}`, 1);
  say(`ok: ${promise}`);
}

/**
 * Waits until something holds.
 * @param {string} what
 * @param {() => boolean} holds
 * @param {number} [seconds]
 */
export async function until(what, holds, seconds = 600) {
  for (const last = Date.now() + seconds * 1000; !holds(); await sleep(100)) {
    if (Date.now() > last) throw new SetupError(`Not within ${seconds} s: ${what}.`, 1);
  }
}
