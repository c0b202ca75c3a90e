// `npm run screenshots [-- FILTER...]`: takes the pictures of docs/screenshots anew, from the real app and SmolLM2.
import { buildChanged, bundleNames } from './build.mjs';
import { prepare } from './prepare.mjs';
import { runPlaywright } from './playwright.mjs';
import { runProgram } from './setupError.mjs';

await runProgram(async () => {
  await prepare({ window: true, engine: true });
  await buildChanged(bundleNames);
  return await runPlaywright('screenshots', ['--reporter=list', ...process.argv.slice(2)]);
});
