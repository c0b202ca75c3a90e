// The checks that need no running program: types, borders, format, dead code. Each counts as one test.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { reasonOf, run } from './run.mjs';
import { describeFailure } from './testReports.mjs';
import { root } from './project.mjs';

/** @typedef {import('./testReports.mjs').Outcome} Outcome */

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
 * @returns {Promise<string | undefined>} what it found; undefined where it passed
 */
async function runCheck(name) {
  const [module = '', ...parameters] = checks[name] ?? [];
  const started = performance.now();
  const outcome = await run(process.execPath, [join(root, 'node_modules', module), ...parameters], {
    cwd: root,
    seconds: 600,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (outcome.code === 0) {
    process.stdout.write(`✓ ${name} (${seconds} s)\n`);
    return undefined;
  }
  const output = `${outcome.stdout}${outcome.stderr}`.trim();
  const found = output === '' ? reasonOf(outcome) : output;
  process.stdout.write(`✗ ${name} (${seconds} s)\n${found}\n`);
  return found;
}

/**
 * Runs all checks, as many at a time as there are cores, at most three.
 * @returns {Promise<Outcome>}
 */
export async function runChecks() {
  const waiting = Object.keys(checks);
  let passed = 0;
  /** @type {string[]} */
  const failures = [];
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const found = await runCheck(name);
      if (found === undefined) passed += 1;
      else failures.push(describeFailure(name, [found]));
    }
  };
  await Promise.all(Array.from({ length: Math.min(3, availableParallelism()) }, worker));
  return { passed, failed: failures.length, skipped: 0, failures };
}
