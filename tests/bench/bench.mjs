// `npm run bench [-- ROW...] [--quick] [--compare]`: measures SARA Studio against PyTorch; see bench.ts. Brings libtensorflow
// and a Python with PyTorch where they are missing; $BENCH_PYTHON names one that is there already.
import { join } from 'node:path';
import { runInPlace } from '../../src-main/setup/child.mjs';
import { libraryPath } from '../../src-main/setup/engineProcess.mjs';
import { prepare } from '../../src-main/setup/prepare.mjs';
import { outFolder, root } from '../../src-main/setup/project.mjs';
import { runProgram } from '../../src-main/setup/setupError.mjs';
import { ensurePython } from '../support/pythonEnvironment.mjs';

await runProgram(async () => {
  await prepare({ window: false, engine: true });
  const python = process.env['BENCH_PYTHON'] ?? (await ensurePython());
  const { build } = await import('vite');
  await build({ configFile: join(root, 'tests', 'bench', 'vite.config.ts') });
  return runInPlace(process.execPath, [join(outFolder, 'bench', 'bench.cjs'), ...process.argv.slice(2)], {
    ...process.env,
    ...libraryPath(),
    BENCH_ROOT: root,
    BENCH_PYTHON: python,
  });
});
