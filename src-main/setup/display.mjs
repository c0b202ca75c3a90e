// A virtual display for machines without a screen.
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { findProgram } from './run.mjs';
import { SetupError } from './setupError.mjs';

const screen = '1440x1000x24';
const startMilliseconds = 15_000;

/** Whether windows can be shown here. */
export function hasDisplay() {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  const named = [DISPLAY, WAYLAND_DISPLAY].some((name) => name !== undefined && name !== '');
  return process.platform !== 'linux' || named;
}

/**
 * Starts a virtual display. It ends with this process.
 * @returns {Promise<{ name: string, stop: () => void }>} the value for $DISPLAY
 */
export async function startVirtualDisplay() {
  const program = findProgram('Xvfb');
  if (program === undefined) throw new SetupError('There is no display and no Xvfb: run npm run setup -- --tests.');
  // The server chooses a free number and writes it to descriptor 3.
  const server = spawn(program, ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    // Ctrl-C goes to the whole group; the display must outlive the windows on it.
    detached: true,
  });
  const stop = () => void server.kill();
  process.on('exit', stop);
  const output = server.stdio[3];
  const number = await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(''), startMilliseconds);
    output?.on('data', (/** @type {Buffer} */ data) => {
      clearTimeout(timer);
      resolve(data.toString().trim());
    });
    server.on('exit', () => resolve(''));
  });
  if (number === '') {
    stop();
    throw new SetupError('The virtual display (Xvfb) does not start: start it yourself and set DISPLAY.');
  }
  server.unref();
  if (output instanceof Socket) output.unref();
  return { name: `:${number}`, stop };
}
