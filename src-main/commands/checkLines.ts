import type { ExportCheck } from '../contract/results.ts';

/** Checks as lines of text. */
export function checkLines(checks: readonly ExportCheck[]): string[] {
  return checks.map(
    ({ name, passed, value, bound }) => `${passed ? 'ok  ' : 'FAIL'} ${name}: ${value} (bound: ${bound})`,
  );
}
