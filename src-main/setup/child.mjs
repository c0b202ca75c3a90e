// A program that takes this one's place on the terminal: same input and output, signals passed on, same exit code.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs the program to its end.
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {NodeJS.ProcessEnv} environment
 * @param {boolean} [tellsExitCode] the program tells its exit code, then ends itself at once (src-main/commands/leave.ts)
 * @returns {Promise<number>} its exit code; 128 plus the number of the signal that ended it
 */
export function runInPlace(program, parameters, environment, tellsExitCode = false) {
  return new Promise((resolve, reject) => {
    /** @type {import('node:child_process').StdioOptions} */
    const stdio = tellsExitCode ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit';
    const child = spawn(program, parameters, { stdio, env: environment });
    /** @type {number | undefined} */
    let told;
    child.on('message', (message) => {
      if (typeof message !== 'object' || !('exitCode' in message)) return;
      told = Number(message.exitCode);
      // The program waits for this: its exit could overtake what it told.
      child.disconnect();
    });
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => {
        // Ctrl-C has reached the child already: it belongs to the terminal's group.
        if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
      });
    }
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(told ?? code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
