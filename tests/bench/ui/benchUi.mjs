// `npm run bench:ui`: how fast the window is, measured in the real app; see measureUi.ts.
import { buildChanged, bundleNames } from '../../../src-main/setup/build.mjs';
import { runPlaywright } from '../../../src-main/setup/playwright.mjs';
import { prepare } from '../../../src-main/setup/prepare.mjs';
import { runProgram } from '../../../src-main/setup/setupError.mjs';

await runProgram(async () => {
  await prepare({ window: true, engine: true });
  await buildChanged(bundleNames);
  return await runPlaywright('bench-ui', ['--reporter=list']);
});
