import { expect, test } from 'vitest';
import { errorTable } from '../../../src-main/contract/errors.ts';

// Bug it would catch: an error code added or changed in the code and not in the page that people look codes up in.
// `npx vitest run --config tests/vitest.config.ts unit/contract/errors -u` writes the page anew.
test('docs/errors.md lists every error code with its exit code, meaning and remedy', async () => {
  const rows = Object.entries(errorTable).map(
    ([code, { exit, means, remedy }]) => `| \`${code}\` | ${exit} | ${means} | ${remedy} |`,
  );
  const page = [
    '# Error codes',
    '',
    'Every error of the command line and the app carries one of these codes. The command line ends with the exit code and',
    'writes one sentence that names the file, row or tensor and what to do, followed by the code in brackets.',
    '',
    '| code | exit | what happened | what to do |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot('../../../docs/errors.md');
});
