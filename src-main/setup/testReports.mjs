// What the runners' JSON reports say: how many tests passed, and which failed why.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './project.mjs';

/**
 * @typedef {object} Outcome of one part of the tests
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} failures the failed tests, each with the start of its message
 */

const linesOfMessage = 12;

/**
 * @param {string} test
 * @param {readonly string[]} messages
 * @returns {string} the test and the first lines of its messages, without colours
 */
export function describeFailure(test, messages) {
  const lines = messages.flatMap((message) => stripVTControlCharacters(message).trim().split('\n'));
  return [`✗ ${test}`, ...lines.slice(0, linesOfMessage).map((line) => `    ${line}`)].join('\n');
}

/**
 * @param {any} report of Vitest's JSON reporter
 * @returns {Outcome}
 */
function readVitestReport(report) {
  /** @type {string[]} */
  const failures = [];
  for (const { name, message, assertionResults } of report.testResults) {
    const file = relative(root, name);
    const failed = assertionResults.filter((/** @type {any} */ test) => test.status === 'failed');
    for (const test of failed) failures.push(describeFailure(`${file} › ${test.fullName}`, test.failureMessages));
    if (failed.length === 0 && message !== '') failures.push(describeFailure(file, [message]));
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

/**
 * @param {any} suite of Playwright's JSON reporter
 * @returns {string[]}
 */
function playwrightFailures(suite) {
  const own = (suite.specs ?? [])
    .filter((/** @type {any} */ spec) => !spec.ok)
    .map((/** @type {any} */ spec) => {
      const errors = spec.tests.flatMap((/** @type {any} */ test) =>
        test.results.flatMap((/** @type {any} */ result) => result.errors),
      );
      return describeFailure(
        `${spec.file}:${spec.line} › ${spec.title}`,
        errors.map((/** @type {any} */ error) => error.message ?? ''),
      );
    });
  return [...own, ...(suite.suites ?? []).flatMap(playwrightFailures)];
}

/**
 * @param {any} report of Playwright's JSON reporter
 * @returns {Outcome}
 */
function readPlaywrightReport(report) {
  return {
    passed: report.stats.expected + report.stats.flaky,
    failed: report.stats.unexpected,
    skipped: report.stats.skipped,
    failures: report.suites.flatMap(playwrightFailures),
  };
}

const readers = { vitest: readVitestReport, playwright: readPlaywrightReport };

/**
 * Reads a runner's report; a runner that ended badly without naming a failed test counts as one failure.
 * @param {keyof typeof readers} runner
 * @param {string} file
 * @param {number} exitCode
 * @returns {Outcome}
 */
export function readTestReport(runner, file, exitCode) {
  const outcome = existsSync(file)
    ? readers[runner](JSON.parse(readFileSync(file, 'utf8')))
    : { passed: 0, failed: 0, skipped: 0, failures: [] };
  if (exitCode === 0 || outcome.failed > 0) return outcome;
  return {
    ...outcome,
    failed: 1,
    failures: [...outcome.failures, `✗ ${runner} ended with exit code ${exitCode} and named no failed test`],
  };
}
