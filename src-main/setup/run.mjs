// Runs the ordinary clients (npm, pip, compilers) with time limits, so that nothing hangs and nothing is left behind.
import { spawn } from 'node:child_process';
import { accessSync, constants, lstatSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @typedef {{ code: number, stdout: string, stderr: string, stopped: string | undefined }} Outcome */

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Readonly<Record<string, string | undefined>>} [environment] added to this process's own
 * @property {number} [seconds] the command is ended after so long
 * @property {string} [growingFolder] bytes below it are the sign of life of a download
 * @property {number} [stallSeconds] the command is ended when the folder has not grown for so long
 * @property {(bytes: number) => void} [onGrowth] told about once a second how much is there
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

const politeMilliseconds = 3000;

/** @param {import('node:child_process').ChildProcess} child */
function end(child) {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), politeMilliseconds).unref();
}

for (const [signal, number] of /** @type {const} */ ([
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
])) {
  process.on(signal, () => {
    // Programs that started a child of their own (the app, the tests) forward the signal instead.
    if (running.size === 0 && process.listenerCount(signal) > 1) return;
    for (const child of running) child.kill('SIGTERM');
    process.exit(128 + number);
  });
}

/**
 * Bytes of all files below a folder; 0 when it is not there.
 * @param {string} folder
 * @returns {number}
 */
export function folderBytes(folder) {
  try {
    return readdirSync(folder).reduce((sum, name) => {
      const path = join(folder, name);
      const status = lstatSync(path, { throwIfNoEntry: false });
      if (status === undefined) return sum;
      return sum + (status.isDirectory() ? folderBytes(path) : status.size);
    }, 0);
  } catch {
    return 0;
  }
}

/**
 * Runs a command to its end. A command that cannot be started gives code 127.
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {RunOptions} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, parameters, options = {}) {
  const { cwd, environment, seconds = 1800, growingFolder, stallSeconds, onGrowth } = options;
  return new Promise((resolve) => {
    const child = spawn(command, parameters, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    running.add(child);
    let stdout = '';
    let stderr = '';
    /** @type {string | undefined} */
    let stopped;
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout = `${stdout}${text}`.slice(-200_000)));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr = `${stderr}${text}`.slice(-20_000)));

    /** @param {string} reason */
    const stop = (reason) => {
      stopped = reason;
      end(child);
    };
    const limit = setTimeout(() => stop(`it took longer than ${seconds} s`), seconds * 1000);
    let bytes = 0;
    let grownAt = performance.now();
    const watch = setInterval(() => {
      const now = growingFolder === undefined ? 0 : folderBytes(growingFolder);
      onGrowth?.(now);
      if (now !== bytes) {
        bytes = now;
        grownAt = performance.now();
      } else if (stallSeconds !== undefined && performance.now() - grownAt > stallSeconds * 1000) {
        stop(`nothing came for ${stallSeconds} s`);
      }
    }, 1000);

    /** @param {number} code */
    const settle = (code) => {
      clearTimeout(limit);
      clearInterval(watch);
      running.delete(child);
      resolve({ code, stdout, stderr, stopped });
    };
    child.on('error', (error) => {
      stderr += error.message;
      settle(127);
    });
    child.on('close', (code) => settle(code ?? 1));
  });
}

/**
 * The path of a program on PATH.
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProgram(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      try {
        if (folder !== '') accessSync(path, constants.X_OK);
        else continue;
        return path;
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined;
}

/**
 * Why a command failed, in the words of the command: the first line that tells of an error.
 * @param {Outcome} outcome
 */
export function reasonOf(outcome) {
  if (outcome.stopped !== undefined) return outcome.stopped;
  const lines = `${outcome.stderr}\n${outcome.stdout}`
    .split('\n')
    .map((line) => line.replace(/^\s*(?:npm error|error:)/i, '').trim())
    .filter((line) => line !== '' && !/^warning/i.test(line));
  const telling = lines.find(
    (line) => /error|not found|no such|cannot|could not|unable|failed/i.test(line) && line.includes(' '),
  );
  return (telling ?? lines.at(-1) ?? `exit code ${outcome.code}`).replace(/\.$/, '');
}
