// Progress on stderr: a line that is rewritten on a terminal, a line now and then elsewhere.

const terminalInterval = 250;
const logInterval = 10_000;

/** @typedef {{ update(detail: string): void, end(detail: string): void }} Progress */

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

/**
 * Announces a task that takes a while.
 * @param {string} task
 * @returns {Progress}
 */
export function startProgress(task) {
  const started = performance.now();
  const terminal = process.stderr.isTTY;
  let written = started;
  if (!terminal) say(`${task} ...`);
  /** @param {string} detail */
  const line = (detail) => {
    const seconds = Math.round((performance.now() - started) / 1000);
    return `${task}: ${detail}${detail === '' ? '' : ', '}${seconds} s`;
  };
  return {
    update(detail) {
      const now = performance.now();
      if (now - written < (terminal ? terminalInterval : logInterval)) return;
      written = now;
      if (terminal) process.stderr.write(`\r\x1b[Ksetup: ${line(detail)}`);
      else say(line(detail));
    },
    end(detail) {
      if (terminal) process.stderr.write('\r\x1b[K');
      say(line(detail));
    },
  };
}
