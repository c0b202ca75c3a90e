#!/usr/bin/env node
// The command line `sara`: set-up and build where needed (on stderr), then the program in plain Node.
import { join } from 'node:path';
import { buildChanged } from './build.mjs';
import { engineProcessEnvironment } from './engineProcess.mjs';
import { outFolder } from './project.mjs';
import { prepare } from './prepare.mjs';
import { runComputing } from './child.mjs';
import { runProgram } from './setupError.mjs';

await runProgram(async () => {
  await prepare({ window: false, engine: true });
  await buildChanged(['cli']);
  const parameters = [join(outFolder, 'cli', 'cli.cjs'), ...process.argv.slice(2)];
  return await runComputing(process.execPath, parameters, engineProcessEnvironment());
});
