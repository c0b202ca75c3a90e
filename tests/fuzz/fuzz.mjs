// `npm run fuzz`: see fuzz.ts.
import { join } from 'node:path';
import { runInPlace } from '../../src-main/setup/child.mjs';
import { prepare } from '../../src-main/setup/prepare.mjs';
import { outFolder, root } from '../../src-main/setup/project.mjs';
import { runProgram } from '../../src-main/setup/setupError.mjs';

await runProgram(async () => {
  await prepare({ window: false, engine: false });
  const { build } = await import('vite');
  await build({ configFile: join(root, 'tests', 'fuzz', 'vite.config.ts') });
  return runInPlace(process.execPath, [join(outFolder, 'fuzz', 'fuzz.cjs'), ...process.argv.slice(2)], {
    ...process.env,
    FUZZ_ROOT: root,
  });
});
