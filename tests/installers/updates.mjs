// `npm run test:updates [-- --built]` (Linux, as root): an installed version finds a newer one on a server of this computer.
// Nothing is asked before the person asks; a file that was changed on the way is thrown away; the right one is downloaded
// while a training runs, is not installed then, and is in its place after the app was closed. With --built the packages of
// the last time are taken.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import { buildChanged, bundleNames } from '../../src-main/setup/build.mjs';
import { startVirtualDisplay } from '../../src-main/setup/display.mjs';
import { packageApp } from '../../src-main/setup/package.mjs';
import { prepare } from '../../src-main/setup/prepare.mjs';
import { say } from '../../src-main/setup/progress.mjs';
import { root } from '../../src-main/setup/project.mjs';
import { runProgram, SetupError } from '../../src-main/setup/setupError.mjs';
import { startFeedServer } from './feedServer.mjs';
import { endProcessesOf } from './useApp.mjs';

const versions = /** @type {const} */ ({ old: '0.1.1', new: '0.1.2' });
const port = 47_811;
const debugPort = 47_812;
const user = 'sara-update-test';
const home = join('/home', user);

/**
 * @param {string} program
 * @param {readonly string[]} parameters
 */
function execute(program, parameters) {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')}: ${error?.message ?? stderr}`);
  return stdout.trim();
}

/** @param {boolean} holds @param {string} what */
function expect(holds, what) {
  if (!holds) throw new Error(`Not as it must be: ${what}`);
  say(`✓ ${what}`);
}

/**
 * @param {() => boolean | Promise<boolean>} holds
 * @param {string} what
 * @param {number} seconds
 */
async function eventually(holds, what, seconds = 120) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(250)) {
    if (await holds()) return say(`✓ ${what}`);
  }
  throw new Error(`Not within ${seconds} s: ${what}`);
}

/** The person who may install: `sudo` stands for the question for the password, which nobody is there to answer. */
function makeUser() {
  if (spawnSync('id', [user]).status !== 0) execute('useradd', ['--create-home', '--shell', '/bin/bash', user]);
  execute('apt-get', ['satisfy', '--yes', '--no-install-recommends', 'sudo']);
  writeFileSync(join('/etc/sudoers.d', user), `${user} ALL=(root) NOPASSWD: ALL\n`, { mode: 0o440 });
}

function removeUser() {
  rmSync(join('/etc/sudoers.d', user), { force: true });
  spawnSync('userdel', ['--remove', user]);
}

function installedVersion() {
  return execute('dpkg-query', ['--show', '--showformat=${Version}', 'sara-studio']);
}

/** @param {string} display */
async function start(display) {
  const environment = [`HOME=${home}`, 'PATH=/usr/bin:/bin', `DISPLAY=${display}`, 'LANG=C.UTF-8'];
  const parameters = ['-u', user, '--', 'env', '-i', ...environment, 'DBUS_SESSION_BUS_ADDRESS=disabled:'];
  const switches = ['--disable-gpu', '--log-level=3', `--remote-debugging-port=${debugPort}`];
  const child = spawn('runuser', [...parameters, '/usr/bin/sara-studio', ...switches], { cwd: '/', stdio: 'ignore' });
  const exit = once(child, 'exit');
  for (let tries = 0; ; tries++) {
    try {
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${debugPort}`, { noDefaults: true });
      const page = browser
        .contexts()[0]
        ?.pages()
        .find((one) => one.url().startsWith('app://sara/'));
      if (page !== undefined) {
        await page.getByRole('main').waitFor();
        return { browser, page, exit };
      }
      await browser.close();
    } catch (error) {
      if (tries > 120) throw error;
    }
    await sleep(500);
  }
}

/** @typedef {Awaited<ReturnType<typeof start>>['page']} Page */

/**
 * @param {Page} page
 * @param {string} route
 * @param {unknown} input
 * @returns {Promise<any>}
 */
async function call(page, route, input = {}) {
  const answer = await page.evaluate(
    async ([name, value]) => /** @type {any} */ (globalThis).bridge.invoke(name, value),
    /** @type {const} */ ([route, input]),
  );
  if (!answer.ok) throw new Error(`${route}: ${answer.error.code}: ${answer.error.message}`);
  return answer.data;
}

/** @param {Page} page */
async function openAbout(page) {
  await page.getByRole('button', { name: 'Settings' }).first().click();
  await page.getByRole('button', { name: 'About SARA Studio' }).click();
  return page.getByRole('dialog').getByRole('region', { name: 'Updates' });
}

/** Starts a training that takes minutes. @param {Page} page */
async function startTraining(page) {
  const { model, data, config } = await call(page, 'project.openSample', { id: 'stories' });
  const input = { config: { ...config, model, data, steps: 100_000, evaluateEvery: 0 } };
  const { jobId } = await call(page, 'jobs.start', { kind: 'train.run', input });
  const steps = async () =>
    (await call(page, 'jobs.snapshot', { jobId })).events.filter(
      (/** @type {any} */ { event }) => event.event === 'step',
    ).length;
  await eventually(async () => (await steps()) > 2, 'a training is at work');
  return { steps };
}

/** Builds what is installed and what it finds. */
async function build() {
  // The files travel within this computer.
  process.env['ELECTRON_BUILDER_COMPRESSION_LEVEL'] = '1';
  process.env['SARA_UPDATE_FEED'] = `http://127.0.0.1:${port}`;
  await prepare({ window: true, engine: true });
  await buildChanged(bundleNames);
  for (const [name, version] of Object.entries(versions)) {
    await packageApp({ forTests: false, targets: ['deb'], folder: `update-${name}`, version });
  }
}

/** @param {'old' | 'new'} name */
function debOf(name) {
  const folder = join(root, 'release', `update-${name}`);
  const file = readdirSync(folder).find((entry) => entry.endsWith('.deb'));
  if (file === undefined) throw new SetupError(`There is no deb in ${folder}.`);
  return join(folder, file);
}

/**
 * @param {Awaited<ReturnType<typeof startFeedServer>>} feed
 * @param {string} display
 */
async function tryOut(feed, display) {
  const pending = join(home, '.cache', 'sara-studio-updater', 'pending');
  const debs = () => (existsSync(pending) ? readdirSync(pending).filter((name) => name.endsWith('.deb')) : []);
  const first = await start(display);
  await sleep(3000);
  expect(feed.asked.length === 0, 'nothing is asked before the person asks');
  const panel = await openAbout(first.page);
  await panel.getByRole('button', { name: 'Check for updates' }).click();
  await panel.getByText(`Version ${versions.new} is available`).waitFor({ timeout: 60_000 });
  mkdirSync(join(root, 'test-results', 'screenshots'), { recursive: true });
  await first.page.screenshot({ path: join(root, 'test-results', 'screenshots', 'update-available.png') });
  expect(
    feed.asked.every((name) => name === 'latest-linux.yml'),
    'checking asks for the list of versions and nothing else',
  );
  feed.tamper(true);
  await panel.getByRole('button', { name: 'Download' }).click();
  await panel.getByText('not the one that was announced').waitFor({ timeout: 180_000 });
  expect(debs().length === 0, 'a file that was changed on the way is refused and thrown away');
  await first.page.screenshot({ path: join(root, 'test-results', 'screenshots', 'update-refused.png') });
  feed.tamper(false);
  const training = await startTraining(first.page);
  await panel.getByRole('button', { name: 'Check for updates' }).click();
  await panel.getByRole('button', { name: 'Download' }).click();
  await panel.getByText('is downloaded and checked').waitFor({ timeout: 180_000 });
  await first.page.screenshot({ path: join(root, 'test-results', 'screenshots', 'update-ready.png') });
  const before = await training.steps();
  await sleep(3000);
  expect(
    (await training.steps()) > before && installedVersion() === versions.old,
    'it is not installed while the training runs',
  );
  await call(first.page, 'window.close', { decision: 'stop-and-keep' }).catch(() => undefined);
  const [code] = await first.exit;
  expect(code === 0 && installedVersion() === versions.new, 'it is in its place after the app was closed');
  const second = await start(display);
  const info = await call(second.page, 'app.info');
  const { runs } = await call(second.page, 'workspace.home');
  expect(info.version === versions.new && runs.length === 1, 'the newer version starts and has the run that was kept');
  expect((await call(second.page, 'updates.check')).state === 'newest', 'it knows that it is the newest');
  await call(second.page, 'window.close', { decision: 'quit' }).catch(() => undefined);
  await second.exit;
  return { asked: feed.asked, from: versions.old, to: versions.new };
}

await runProgram(async () => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new SetupError('This installs packages: it needs Linux and root.', 2);
  if (!process.argv.includes('--built')) await build();
  const feed = await startFeedServer(join(root, 'release', 'update-new'), port);
  const display = await startVirtualDisplay();
  makeUser();
  try {
    const depends = execute('dpkg-deb', ['--field', debOf('old'), 'Depends']);
    execute('apt-get', ['satisfy', '--yes', '--no-install-recommends', depends]);
    execute('dpkg', ['--install', debOf('old')]);
    const result = await tryOut(feed, display.name);
    mkdirSync(join(root, 'test-results'), { recursive: true });
    writeFileSync(join(root, 'test-results', 'updates.json'), `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    endProcessesOf(user);
    feed.stop();
    display.stop();
    spawnSync('dpkg', ['--purge', 'sara-studio']);
    removeUser();
  }
  return 0;
});
