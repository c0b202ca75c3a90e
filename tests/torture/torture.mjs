// `npm run torture`: see torture.ts.
import { join } from 'node:path';
import { buildChanged, bundleNames } from '../../src-main/setup/build.mjs';
import { runInPlace } from '../../src-main/setup/child.mjs';
import { engineProcessEnvironment } from '../../src-main/setup/engineProcess.mjs';
import { withWindows } from '../../src-main/setup/playwright.mjs';
import { prepare } from '../../src-main/setup/prepare.mjs';
import { outFolder, root } from '../../src-main/setup/project.mjs';
import { runProgram } from '../../src-main/setup/setupError.mjs';

await runProgram(async () => {
  const parameters = process.argv.slice(2);
  const window = parameters.includes('--app');
  await prepare({ window, engine: true });
  await buildChanged(window ? bundleNames : ['cli']);
  const { build } = await import('vite');
  await build({ configFile: join(root, 'tests', 'torture', 'vite.config.ts') });
  /** @param {NodeJS.ProcessEnv} environment */
  const torture = (environment) =>
    runInPlace(process.execPath, [join(outFolder, 'torture', 'torture.cjs'), ...parameters], {
      ...environment,
      TORTURE_ROOT: root,
    });
  return window ? await withWindows(torture) : await torture(engineProcessEnvironment());
});
