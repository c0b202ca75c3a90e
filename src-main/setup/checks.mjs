// The checks that need no running program: types, borders, format, dead code. Each counts as one test.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { reasonOf, run } from './run.mjs';
import { root } from './project.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Record<string, readonly string[]>} what the check proves → module and parameters */
const checks = {
  'ESLint finds nothing, import borders included': [
    'eslint/bin/eslint.js',
    '--cache',
    '--cache-location',
    'node_modules/.cache/eslint/',
    '--max-warnings=0',
    '.',
  ],
  'types of src-main': ['typescript/bin/tsc', '-p', 'src-main'],
  'types of what talks to Electron, against Electron 25': [
    'typescript/bin/tsc',
    '-p',
    'src-main/tsconfig.electron25.json',
  ],
  'types of the tests': ['typescript/bin/tsc', '-p', 'tests'],
  'types of src-renderer': [
    'svelte-check/bin/svelte-check',
    '--tsconfig',
    'src-renderer/tsconfig.json',
    '--fail-on-warnings',
    '--output',
    'human',
  ],
  'every file is formatted': ['prettier/bin/prettier.cjs', '--check', '--log-level=warn', '--cache', '.'],
  'no dead code, no unused dependency': ['knip/bin/knip.js', '--no-progress'],
};

/**
 * Runs one check and prints its line.
 * @param {string} name
 * @returns {Promise<boolean>} whether it passed
 */
async function runCheck(name) {
  const [module = '', ...parameters] = checks[name] ?? [];
  const started = performance.now();
  const outcome = await run(process.execPath, [join(root, 'node_modules', module), ...parameters], {
    cwd: root,
    seconds: 600,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const passed = outcome.code === 0;
  process.stdout.write(`${passed ? '✓' : '✗'} ${name} (${seconds} s)\n`);
  if (!passed) {
    const output = `${outcome.stdout}${outcome.stderr}`.trim();
    process.stdout.write(`${output === '' ? reasonOf(outcome) : output}\n`);
  }
  return passed;
}

/**
 * Runs all checks, as many at a time as there are cores, at most three.
 * @returns {Promise<Counts>}
 */
export async function runChecks() {
  const waiting = Object.keys(checks);
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      counts[(await runCheck(name)) ? 'passed' : 'failed'] += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(3, availableParallelism()) }, worker));
  return counts;
}
