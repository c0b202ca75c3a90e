// `npm test [-- static | unit | e2e | packaged [FILTER...]]`: set-up, then every kind of test. The output ends with what
// failed and why, for the end is what a log keeps; its last line is the sum of all: `N passed, N failed, N skipped`.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildChanged, bundleNames } from './build.mjs';
import { engineProcessEnvironment } from './engineProcess.mjs';
import { packageApp } from './package.mjs';
import { prepare } from './prepare.mjs';
import { root } from './project.mjs';
import { runChecks } from './checks.mjs';
import { runInPlace } from './child.mjs';
import { readTestReport } from './testReports.mjs';
import { runPlaywright } from './playwright.mjs';
import { runProgram, SetupError } from './setupError.mjs';

/** @typedef {import('./testReports.mjs').Outcome} Outcome */

const results = join(root, 'test-results');
const usage = 'npm test takes: static, unit, e2e or packaged, then words that choose files.';

/**
 * @param {readonly string[]} filters
 * @returns {Promise<Outcome>}
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
  return readTestReport('vitest', report, exitCode);
}

/**
 * @param {'e2e' | 'packaged'} project
 * @param {readonly string[]} filters
 * @param {NodeJS.ProcessEnv} [environment] added to this process's own
 * @returns {Promise<Outcome>}
 */
async function runWindowTests(project, filters, environment = {}) {
  const report = join(results, `${project}.json`);
  rmSync(report, { force: true });
  const exitCode = await runPlaywright(project, filters, { PLAYWRIGHT_JSON_OUTPUT_NAME: report, ...environment });
  return readTestReport('playwright', report, exitCode);
}

/** @type {Record<string, (filters: readonly string[]) => Promise<Outcome>>} */
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
  /** @type {string[]} */
  const failures = [];
  for (const [name, runPart] of Object.entries(parts)) {
    if (chosen !== undefined && name !== chosen) continue;
    process.stdout.write(`\n== ${name}\n`);
    const started = performance.now();
    const outcome = await runPart(filters);
    for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += outcome[key];
    failures.push(...outcome.failures);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    lines.push(
      `${name}: ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped (${seconds} s)`,
    );
  }
  if (failures.length > 0) process.stdout.write(`\n== failed\n${failures.join('\n')}\n`);
  process.stdout.write(`\n${lines.join('\n')}\n`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 ? 0 : 1;
});
