// Starts the installed app as an ordinary user and lets it go the sample path (`--demo`).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** How long the whole path and its beginning may take on a slow machine. */
const wholeBudget = 1_800_000;

/**
 * @typedef {object} Use
 * @property {string} program
 * @property {string} user
 * @property {string} home
 * @property {string} display
 * @property {boolean} whole to the merged model; else until the ranks are known, which takes the engine
 */

/** @param {Use} use */
export async function useApp({ program, user, home, display, whole }) {
  const environment = [`HOME=${home}`, 'PATH=/usr/bin:/bin', `DISPLAY=${display}`, 'LANG=C.UTF-8'];
  const quiet = ['DBUS_SESSION_BUS_ADDRESS=disabled:'];
  const parameters = ['-u', user, '--', 'env', '-i', ...environment, ...quiet, program, '--demo', '--disable-gpu'];
  const started = performance.now();
  const child = spawn('runuser', [...parameters, '--log-level=3'], { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  /** @type {ReturnType<typeof sandboxOf>} */
  let sandbox;
  const read = (/** @type {Buffer} */ data) => {
    output += data.toString();
    sandbox ??= sandboxOf(user);
    if (!whole && /^ .*\[4\/5\]/m.test(output)) endProcessesOf(user);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const timer = setTimeout(() => endProcessesOf(user), wholeBudget);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  const seconds = Math.round((performance.now() - started) / 1000);
  if (sandbox === undefined) throw new Error(`No window was seen.\n${output}`);
  if (!sandbox.on) throw new Error(`The window is not locked in: ${sandbox.found}.\n${output}`);
  if (!whole) {
    if (!output.includes('[4/5]')) throw new Error(`The ranks were not analysed.\n${output}`);
    return { sandbox: sandbox.found, reached: 'ranks', seconds };
  }
  if (code !== 0) throw new Error(`The sample path ended with ${code}.\n${output}`);
  const folder = output.trim().split('\n').at(-1) ?? '';
  for (const name of ['model.safetensors', 'tokenizer.json', 'export_report.json']) {
    if (!existsSync(join(folder, name))) throw new Error(`${name} is not in ${folder}.\n${output}`);
  }
  const { checks } = JSON.parse(readFileSync(join(folder, 'export_report.json'), 'utf8'));
  const failed = checks.filter((/** @type {{ passed: boolean }} */ check) => !check.passed);
  if (failed.length > 0) throw new Error(`The merged model is not proven: ${JSON.stringify(failed)}`);
  return { sandbox: sandbox.found, reached: 'merged model', checks: checks.length, seconds };
}

/** Processes of a user, by their ids. @param {string} user */
function processesOf(user) {
  const uid = statSync(join('/home', user)).uid;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => statSync(join('/proc', name), { throwIfNoEntry: false })?.uid === uid);
}

/**
 * How the window's process is locked in; undefined while there is none.
 * @param {string} user
 */
function sandboxOf(user) {
  const found = processesOf(user).map((id) => ({ id, command: contentOf('cmdline', id).replaceAll('\0', ' ') }));
  const page = found.find(({ command }) => command.includes('--type=renderer'));
  if (page === undefined) return undefined;
  const without = found.find(({ command }) => command.includes('--no-sandbox'));
  if (without !== undefined) return { on: false, found: without.command };
  const filter = /^Seccomp:\s*(\d)/m.exec(contentOf('status', page.id))?.[1] ?? 'unknown';
  const own = readlinkSync(join('/proc', page.id, 'ns', 'pid')) !== readlinkSync('/proc/self/ns/pid');
  return { on: filter === '2' && own, found: `Seccomp ${filter}, ${own ? 'own' : 'no own'} process namespace` };
}

/**
 * @param {string} name of a file of a process
 * @param {string} id
 */
function contentOf(name, id) {
  try {
    return readFileSync(join('/proc', id, name), 'utf8');
  } catch {
    // The process has ended meanwhile.
    return '';
  }
}

/** @param {string} user whose processes are all of the app under test */
export function endProcessesOf(user) {
  for (const id of processesOf(user)) process.kill(Number(id), 'SIGTERM');
}
