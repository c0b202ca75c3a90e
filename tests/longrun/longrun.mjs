// `npm run longrun [-- MINUTES]`: trains with a live window for so long (60 where nothing is said) and reports how memory,
// events and answers behave; see longRun.ts.
import { buildChanged, bundleNames } from '../../src-main/setup/build.mjs';
import { runPlaywright } from '../../src-main/setup/playwright.mjs';
import { prepare } from '../../src-main/setup/prepare.mjs';
import { runProgram } from '../../src-main/setup/setupError.mjs';

await runProgram(async () => {
  await prepare({ window: true, engine: true });
  await buildChanged(bundleNames);
  const [minutes = '60'] = process.argv.slice(2);
  return await runPlaywright('longrun', ['--reporter=list'], { LONGRUN_MINUTES: minutes });
});
