import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readTestReport } from '../../../src-main/setup/testReports.mjs';
import { root } from '../../../src-main/setup/project.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sara-report-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(report: unknown): string {
  const file = path.join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(report));
  return file;
}

it('names a failed unit test with the start of its message, without colours', () => {
  const test = {
    status: 'failed',
    fullName: 'adds two',
    failureMessages: ['\u001b[31mexpected 4\u001b[39m\nat line 2'],
  };
  const file = write({
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 1,
    numTodoTests: 0,
    testResults: [{ name: path.join(root, 'tests', 'sum.test.ts'), message: '', assertionResults: [test] }],
  });
  expect(readTestReport('vitest', file, 1)).toEqual({
    passed: 3,
    failed: 1,
    skipped: 1,
    failures: [`✗ ${path.join('tests', 'sum.test.ts')} › adds two\n    expected 4\n    at line 2`],
  });
});

it('finds failed window tests within nested groups', () => {
  const spec = {
    ok: false,
    file: 'runs.test.ts',
    line: 7,
    title: 'resumes',
    tests: [{ results: [{ errors: [{ message: 'late' }] }] }],
  };
  const file = write({
    stats: { expected: 2, flaky: 0, unexpected: 1, skipped: 0 },
    suites: [{ specs: [], suites: [{ specs: [{ ok: true }, spec] }] }],
  });
  expect(readTestReport('playwright', file, 1)).toMatchObject({
    failed: 1,
    failures: ['✗ runs.test.ts:7 › resumes\n    late'],
  });
});

it('counts a runner that ended badly without naming a test as a failure', () => {
  const outcome = readTestReport('vitest', path.join(folder, 'missing.json'), 134);
  expect(outcome).toMatchObject({
    passed: 0,
    failed: 1,
    failures: ['✗ vitest ended with exit code 134 and named no failed test'],
  });
});
