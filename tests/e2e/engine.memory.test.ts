/** What the engine can ask of memory inside Electron. */
import { execFile } from 'node:child_process';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { build } from 'vite';
import { engineEnvironment } from '../../src-main/host/engineEnvironment.ts';
import { findElectron } from '../../src-main/setup/electronRuntime.mjs';

const run = promisify(execFile);

test('TensorFlow gets a tensor beyond 2 GiB in a process of Electron', async ({ browserName: _ }, info) => {
  const program = await bundle(join(import.meta.dirname, 'programs', 'largeTensor.ts'), info.outputPath('program'));
  const electron = findElectron();
  if (electron === undefined) throw new Error('There is no Electron.');
  const env = { ...engineEnvironment(process.env, 1), ELECTRON_RUN_AS_NODE: '1' };
  const { stdout } = await run(electron.program, [program], { env });
  expect(stdout).toBe('65537 8192\n');
});

/** Makes one CommonJS file of a program, as Electron's Node takes it. */
async function bundle(entry: string, folder: string): Promise<string> {
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      ssr: entry,
      outDir: folder,
      rolldownOptions: {
        external: [...builtinModules, /^node:/],
        output: { format: 'cjs', entryFileNames: 'program.cjs' },
      },
    },
    ssr: { noExternal: true, target: 'node' },
  });
  return join(folder, 'program.cjs');
}
