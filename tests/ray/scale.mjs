// `npm run bench:sweeps`: 1,000 simulated trials on 100 nodes in the real window; prints what they cost.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInPlace } from '../../src-main/setup/child.mjs';
import { root } from '../../src-main/setup/project.mjs';
import { runProgram } from '../../src-main/setup/setupError.mjs';

await runProgram(async () => {
  const test = [join(root, 'src-main', 'setup', 'test.mjs'), 'e2e', 'sweeps'];
  const code = await runInPlace(process.execPath, test, { ...process.env, SARA_SWEEP_SECONDS: '32' });
  if (code === 0) process.stdout.write(readFileSync(join(root, 'test-results', 'sweeps.json'), 'utf8'));
  return code;
});
