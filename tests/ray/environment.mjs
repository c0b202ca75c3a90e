// A Python with Ray, made once and kept in the cache.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../../src-main/setup/progress.mjs';
import { cacheFolder } from '../../src-main/setup/project.mjs';
import { findProgram, reasonOf, run } from '../../src-main/setup/run.mjs';
import { SetupError } from '../../src-main/setup/setupError.mjs';

export const rayVersion = '2.60.0';
const packages = [`ray[default,tune]==${rayVersion}`, 'huggingface_hub==2.4.0'];

/** The Python of an environment with Ray; `$SARA_RAY_PYTHON` names one that is there already. */
export async function ensureRay() {
  const given = process.env['SARA_RAY_PYTHON'];
  if (given !== undefined) return given;
  const folder = join(cacheFolder(), 'interop', `ray-${rayVersion}`);
  const python = join(folder, 'bin', 'python');
  const complete = join(folder, 'complete');
  const wanted = packages.join('\n');
  if (existsSync(complete) && readFileSync(complete, 'utf8') === wanted) return python;
  const own = findProgram('python3');
  if (own === undefined) throw new SetupError('Python 3.9 or newer is missing: install it with its venv module.');
  say(`Making an environment with Ray ${rayVersion}: 700 MB, once`);
  if (!existsSync(complete)) rmSync(folder, { recursive: true, force: true });
  for (const [program, parameters] of /** @type {[string, string[]][]} */ ([
    [own, ['-m', 'venv', folder]],
    [python, ['-m', 'pip', 'install', '--quiet', ...packages]],
  ])) {
    const outcome = await run(program, parameters, { seconds: 1800 });
    if (outcome.code !== 0) throw new SetupError(`Ray cannot be installed: ${reasonOf(outcome)}`);
  }
  writeFileSync(complete, wanted);
  return python;
}
