// The cluster of two nodes as a process of its own, and what can be done to it.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../src-main/setup/project.mjs';
import { SetupError } from '../../src-main/setup/setupError.mjs';

/** @typedef {Awaited<ReturnType<typeof startCluster>>} Cluster */

/**
 * @param {string} python
 * @param {NodeJS.ProcessEnv} environment of the nodes
 */
export async function startCluster(python, environment) {
  const port = 20_000 + (process.pid % 20_000);
  const child = spawn(python, [join(root, 'tests', 'ray', 'cluster.py'), String(port)], {
    env: {
      ...environment,
      PATH: `${dirname(python)}:${environment['PATH'] ?? ''}`,
      RAY_enable_metrics_collection: '0',
      // Else trials get what every other program of a busy machine leaves.
      RAY_worker_niceness: '0',
      RAY_USAGE_STATS_ENABLED: '0',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (let waited = 0; !said.includes('\n'); waited += 200) {
    if (child.exitCode !== null || waited > 120_000) throw new SetupError('The cluster does not start.');
    await sleep(200);
  }
  const { dashboard, address, session } = JSON.parse(said.split('\n')[0] ?? '');
  /** @param {string} id */
  const isOfCluster = (id) => {
    // Names of workers are set over their environment: whose they are is told by the raylet above them.
    for (let own = id; Number(own) > 1; own = parentOf(own)) {
      if (commandOf(own).includes(session)) return true;
    }
    return false;
  };
  /** Processes of this cluster alone whose command line holds the word. @param {string} word */
  const processes = (word) =>
    readdirSync('/proc').filter((id) => /^\d+$/.test(id) && commandOf(id).includes(word) && isOfCluster(id));
  return {
    dashboard: String(dashboard),
    address: String(address),
    /** Folder of the logs of all nodes. */
    session: String(session),
    /** @param {'kill' | 'add'} word */
    tell: (word) => child.stdin.write(`${word}\n`),
    processes,
    /** Ends the workers that have started such processes. @param {string} word of the command lines */
    killWorkers(word) {
      const workers = new Set(processes(word).map(parentOf));
      for (const id of workers) process.kill(Number(id), 'SIGKILL');
      return workers.size;
    },
    /** Ends processes of this cluster without a warning. @param {string} word of their command lines */
    kill(word) {
      const found = processes(word);
      for (const id of found) {
        try {
          process.kill(Number(id), 'SIGKILL');
        } catch {
          // It was quicker.
        }
      }
      return found.length;
    },
    async stop() {
      child.stdin.end();
      const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Words of a process, with spaces; none where it has ended. @param {string} id */
export function commandOf(id) {
  try {
    return readFileSync(join('/proc', id, 'cmdline'), 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** The process that started a process. @param {string} id */
function parentOf(id) {
  try {
    return /^PPid:\s*(\d+)/m.exec(readFileSync(join('/proc', id, 'status'), 'utf8'))?.[1] ?? '0';
  } catch {
    return '0';
  }
}
