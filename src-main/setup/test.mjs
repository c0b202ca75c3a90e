// `npm test [-- static | unit | e2e | packaged [FILTER...]]`: set-up, then every kind of test. The last line of the
// output is the sum of all: `N passed, N failed, N skipped`.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildChanged, bundleNames } from './build.mjs';
import { engineProcessEnvironment } from './engineProcess.mjs';
import { packageApp } from './package.mjs';
import { prepare } from './prepare.mjs';
import { root } from './project.mjs';
import { runChecks } from './checks.mjs';
import { runInPlace } from './child.mjs';
import { runPlaywright } from './playwright.mjs';
import { runProgram, SetupError } from './setupError.mjs';

/** @typedef {import('./checks.mjs').Counts} Counts */

const results = join(root, 'test-results');
const usage = 'npm test takes: static, unit, e2e or packaged, then words that choose files.';

/**
 * Reads a runner's report; a runner that ended badly without naming a failed test counts as one failure.
 * @param {string} file
 * @param {number} exitCode
 * @param {(report: any) => Counts} count
 */
function countReport(file, exitCode, count) {
  const counts = existsSync(file)
    ? count(JSON.parse(readFileSync(file, 'utf8')))
    : { passed: 0, failed: 0, skipped: 0 };
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/**
 * @param {readonly string[]} filters
 * @returns {Promise<Counts>}
 */
async function runVitest(filters) {
  const report = join(results, 'vitest.json');
  rmSync(report, { force: true });
  const parameters = ['run', '--config', 'tests/vitest.config.ts', '--reporter=default', '--reporter=json'];
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const exitCode = await runInPlace(
    process.execPath,
    [program, ...parameters, `--outputFile.json=${report}`, ...filters],
    engineProcessEnvironment(),
  );
  return countReport(report, exitCode, ({ numPassedTests, numFailedTests, numPendingTests, numTodoTests }) => ({
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests + numTodoTests,
  }));
}

/**
 * @param {'e2e' | 'packaged'} project
 * @param {readonly string[]} filters
 * @param {NodeJS.ProcessEnv} [environment] added to this process's own
 * @returns {Promise<Counts>}
 */
async function runWindowTests(project, filters, environment = {}) {
  const report = join(results, `${project}.json`);
  rmSync(report, { force: true });
  const exitCode = await runPlaywright(project, filters, { PLAYWRIGHT_JSON_OUTPUT_NAME: report, ...environment });
  return countReport(report, exitCode, ({ stats }) => ({
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected,
    skipped: stats.skipped,
  }));
}

/** @type {Record<string, (filters: readonly string[]) => Promise<Counts>>} */
const parts = {
  static: runChecks,
  unit: async (filters) => {
    await buildChanged(['cli']);
    return await runVitest(filters);
  },
  e2e: async (filters) => {
    await buildChanged(bundleNames);
    return await runWindowTests('e2e', filters);
  },
  packaged: async (filters) => {
    await buildChanged(bundleNames);
    const { program } = await packageApp({ forTests: true });
    return await runWindowTests('packaged', filters, { SARA_PACKAGED: program });
  },
};

await runProgram(async () => {
  const [chosen, ...filters] = process.argv.slice(2);
  if (chosen !== undefined && !(chosen in parts)) throw new SetupError(usage, 2);
  await prepare({ window: true, engine: true });
  mkdirSync(results, { recursive: true });
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const lines = [];
  for (const [name, runPart] of Object.entries(parts)) {
    if (chosen !== undefined && name !== chosen) continue;
    process.stdout.write(`\n== ${name}\n`);
    const started = performance.now();
    const counts = await runPart(filters);
    for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += counts[key];
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    lines.push(`${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${seconds} s)`);
  }
  process.stdout.write(`\n${lines.join('\n')}\n`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 ? 0 : 1;
});
