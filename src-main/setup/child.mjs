// Programs that take this one's place on the terminal: same input and output, same exit code.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

/**
 * Runs a program to its end. Signals are passed on.
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<number>} its exit code; 128 plus the number of the signal that ended it
 */
export function runInPlace(program, parameters, environment) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { stdio: 'inherit', env: environment });
    for (const signal of endSignals) {
      process.on(signal, () => {
        // Ctrl-C has reached the child already: it belongs to the terminal's group.
        if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
      });
    }
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(exitCodeOf(code, signal)));
  });
}

/**
 * Runs the command line's program, which computes in the process that it is. No signal may be handled there: oneDNN's
 * products with AVX-512 use the stack pointer for other things (its issue 4845), and the frame of a handler damages what
 * lies there. So the program gets a session of its own, which the terminal sends no signals to, and is told by message
 * when it is to end. It tells its exit code, then ends itself at once (src-main/commands/leave.ts).
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<number>} its exit code; 128 plus the number of the signal that ended it
 */
export function runComputing(program, parameters, environment) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
      env: { ...environment, ...terminalOf(process.stderr) },
      detached: process.platform !== 'win32',
    });
    const allSaid = passOn(child.stderr);
    /** @type {number | undefined} */
    let told;
    child.on('message', (message) => {
      if (typeof message !== 'object' || !('exitCode' in message)) return;
      told = Number(message.exitCode);
      // The program waits for this: its exit could overtake what it told.
      child.disconnect();
    });
    for (const signal of endSignals) process.on(signal, () => child.connected && child.send({ end: true }));
    if (process.platform !== 'win32') pauseWith(child);
    child.on('error', reject);
    // What it wrote last may still be on its way.
    child.on('exit', (code, signal) => allSaid.then(() => resolve(told ?? exitCodeOf(code, signal)), reject));
  });
}

/**
 * Tells a program whose stderr is a pipe that it leads to a terminal (src-main/cli.ts reads it).
 * @param {NodeJS.WriteStream} stderr
 * @returns {NodeJS.ProcessEnv}
 */
function terminalOf(stderr) {
  return stderr.isTTY ? { SARA_STDERR_COLUMNS: String(stderr.columns) } : {};
}

/**
 * Writes what comes to stderr, until it ends.
 * @param {import('node:stream').Readable | null} said
 */
async function passOn(said) {
  if (said === null) return;
  said.setEncoding('utf8').on('data', (text) => process.stderr.write(withoutLibraryNotes(text)));
  await once(said, 'close');
}

/**
 * Text without what TensorFlow's graphs say of themselves in every process; no setting turns it off. Each is one write. The
 * last is of an optimiser of graphs that gives up and leaves the graph as it is.
 * @param {string} text
 */
function withoutLibraryNotes(text) {
  return text.replace(
    /^(?:WARNING: All log messages before absl::InitializeLog|I0000 .*mlir_graph_optim|E0000 .*_optimizer\.cc.*topological).*\n/gm,
    '',
  );
}

const endSignals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Ctrl-Z stops both, `fg` and `bg` let both go on; neither signal has a handler in the child.
 * @param {import('node:child_process').ChildProcess} child
 */
function pauseWith(child) {
  process.on('SIGTSTP', () => {
    child.kill('SIGSTOP');
    process.kill(process.pid, 'SIGSTOP');
  });
  process.on('SIGCONT', () => child.kill('SIGCONT'));
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCodeOf(code, signal) {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
