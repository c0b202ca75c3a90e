// A Python with PyTorch, transformers and PEFT, for what is checked or measured against them.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { skipsOfficial, whyUnreachable } from '../../src-main/setup/network.mjs';
import { say } from '../../src-main/setup/progress.mjs';
import { cacheFolder } from '../../src-main/setup/project.mjs';
import { findProgram, reasonOf, run } from '../../src-main/setup/run.mjs';
import { SetupError } from '../../src-main/setup/setupError.mjs';

const requirements = join(dirname(fileURLToPath(import.meta.url)), 'python-requirements.txt');

/** PyTorch's own index: its wheels for the CPU are 200 MB, where the usual ones bring several GB of CUDA libraries. */
const officialIndex = 'https://download.pytorch.org/whl/cpu';

/**
 * Python with the packages of python-requirements.txt in the cache folder; another list makes another environment.
 * @param {string} [further] a list of packages that are added to it
 */
export async function ensurePython(further) {
  const python = await ensureBase();
  if (further === undefined) return python;
  const key = createHash('sha256').update(readFileSync(further, 'utf8')).digest('hex').slice(0, 12);
  const complete = join(dirname(dirname(python)), `complete-${key}`);
  if (existsSync(complete)) return python;
  say('Adding the packages that only this check needs');
  await execute(python, ['-m', 'pip', 'install', '--quiet', '--requirement', further]);
  writeFileSync(complete, '');
  return python;
}

async function ensureBase() {
  const list = readFileSync(requirements, 'utf8');
  const key = createHash('sha256').update(list).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), 'interop', `python-${key}`);
  const python = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return python;
  const own = findProgram('python3') ?? findProgram('python');
  if (own === undefined) throw new SetupError('Python 3.11 or newer is missing: install it with its venv module.');
  rmSync(folder, { recursive: true, force: true });
  await execute(own, ['-m', 'venv', folder]);
  const install = ['-m', 'pip', 'install', '--quiet'];
  const torch = /^torch==.*$/m.exec(list)?.[0];
  const unreachable = skipsOfficial() || (await whyUnreachable(`${officialIndex}/torch/`)) !== undefined;
  const small = process.platform === 'linux' && torch !== undefined && !unreachable;
  say(`Making an environment with torch, transformers, peft and gguf: ${small ? '1 GB' : 'several GB'}, once`);
  if (small) await execute(python, [...install, '--index-url', officialIndex, torch]);
  await execute(python, [...install, '--requirement', requirements]);
  writeFileSync(complete, '');
  return python;
}

/**
 * @param {string} program
 * @param {readonly string[]} parameters
 */
async function execute(program, parameters) {
  const outcome = await run(program, parameters, { seconds: 3600 });
  if (outcome.code !== 0) throw new SetupError(`The Python environment cannot be made: ${reasonOf(outcome)}`);
}
