// `npm run test:interop`: brings the programs that read exports, lets them read every format of every family, and makes
// the table in docs/exports.md of what they found. $SARA_INTEROP_PYTHON and $SARA_INTEROP_LLAMA name an environment and
// a folder with node-llama-cpp that are there already, $SARA_INTEROP_OLLAMA an ollama program that is not in the PATH.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runInPlace } from '../../src-main/setup/child.mjs';
import { engineProcessEnvironment } from '../../src-main/setup/engineProcess.mjs';
import { fetchWithNpm } from '../../src-main/setup/npm.mjs';
import { prepare } from '../../src-main/setup/prepare.mjs';
import { say } from '../../src-main/setup/progress.mjs';
import { cacheFolder, root } from '../../src-main/setup/project.mjs';
import { findProgram, reasonOf } from '../../src-main/setup/run.mjs';
import { runProgram, SetupError } from '../../src-main/setup/setupError.mjs';
import { ensurePython } from '../support/pythonEnvironment.mjs';
import { tableOf } from './table.mjs';

const llamaVersion = '3.22.1';

/** A folder with llama.cpp’s prebuilt library in it. */
async function ensureLlama() {
  const given = process.env['SARA_INTEROP_LLAMA'];
  if (given !== undefined) return given;
  const folder = join(cacheFolder(), 'interop', `llama-${llamaVersion}`);
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  say('Fetching llama.cpp');
  const parameters = ['install', `node-llama-cpp@${llamaVersion}`, '--ignore-scripts', '--no-audit', '--no-fund'];
  const outcome = await fetchWithNpm(parameters, { cwd: folder, seconds: 1800 });
  if (outcome.code !== 0) throw new SetupError(`node-llama-cpp cannot be installed: ${reasonOf(outcome)}`);
  writeFileSync(complete, '');
  return folder;
}

await runProgram(async () => {
  await prepare({ window: false, engine: true });
  const requirements = join(root, 'tests', 'interop', 'requirements.txt');
  const python = process.env['SARA_INTEROP_PYTHON'] ?? (await ensurePython(requirements));
  const llama = await ensureLlama();
  const ollama = process.env['SARA_INTEROP_OLLAMA'] ?? findProgram('ollama');
  if (ollama === undefined) say('Ollama is not installed: its column is left out');
  const results = join(root, 'test-results', 'interop.json');
  mkdirSync(dirname(results), { recursive: true });
  rmSync(results, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const filters = process.argv.slice(2);
  const parameters = [vitest, 'run', '--config', 'tests/interop/vitest.config.ts', ...filters];
  const exitCode = await runInPlace(process.execPath, parameters, {
    ...engineProcessEnvironment(),
    SARA_INTEROP_PYTHON: python,
    SARA_INTEROP_LLAMA: llama,
    ...(ollama === undefined ? {} : { SARA_INTEROP_OLLAMA: ollama }),
    SARA_INTEROP_RESULTS: results,
  });
  // A table with holes would look like a success.
  if (exitCode === 0 && filters.length === 0) writeTable(results);
  return exitCode;
});

/** @param {string} results */
function writeTable(results) {
  const page = join(root, 'docs', 'exports.md');
  const [begin, end] = ['<!-- table: npm run test:interop -->', '<!-- /table -->'];
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new SetupError(`${page} has no place for the table.`);
  writeFileSync(page, `${before}${begin}\n\n${tableOf(JSON.parse(readFileSync(results, 'utf8')))}\n${end}${after}`);
  say('docs/exports.md has the new table');
}
