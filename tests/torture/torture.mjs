// `npm run torture`: see torture.ts.
import { join } from 'node:path';
import { buildChanged } from '../../src-main/setup/build.mjs';
import { runInPlace } from '../../src-main/setup/child.mjs';
import { engineProcessEnvironment } from '../../src-main/setup/engineProcess.mjs';
import { prepare } from '../../src-main/setup/prepare.mjs';
import { outFolder, root } from '../../src-main/setup/project.mjs';
import { runProgram } from '../../src-main/setup/setupError.mjs';

await runProgram(async () => {
  await prepare({ window: false, engine: true });
  await buildChanged(['cli']);
  const { build } = await import('vite');
  await build({ configFile: join(root, 'tests', 'torture', 'vite.config.ts') });
  return runInPlace(process.execPath, [join(outFolder, 'torture', 'torture.cjs'), ...process.argv.slice(2)], {
    ...engineProcessEnvironment(),
    TORTURE_ROOT: root,
  });
});
