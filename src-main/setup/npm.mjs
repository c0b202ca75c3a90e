// npm, the ordinary client of the registry.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { whyUnreachable } from './network.mjs';
import { findProgram, run } from './run.mjs';
import { SetupError } from './setupError.mjs';

// npm's own waits add up to minutes when the registry cannot be reached.
const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
const usualRegistry = 'https://registry.npmjs.org/';

/**
 * Runs npm with the Node that runs this program.
 * @param {readonly string[]} parameters
 * @param {import('./run.mjs').RunOptions} options
 */
export async function runNpm(parameters, options) {
  const beside = dirname(process.execPath);
  const script = [
    process.env['npm_execpath'],
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ].find((path) => path !== undefined && path.endsWith('npm-cli.js') && existsSync(path));
  const npm = findProgram('npm');
  if (script !== undefined) return await run(process.execPath, [script, ...parameters], options);
  if (npm === undefined)
    throw new SetupError('npm is not installed: install Node.js 20.19 or newer together with npm.');
  return await run(npm, parameters, options);
}

/**
 * Runs an npm command that fetches. Without the registry npm's own cache may still hold everything; asking it takes
 * seconds.
 * @param {readonly string[]} parameters
 * @param {import('./run.mjs').RunOptions} options
 * @returns {Promise<import('./run.mjs').Outcome & { unreachable: string | undefined }>} with why the registry cannot be
 *   reached
 */
export async function fetchWithNpm(parameters, options) {
  const configured = (await runNpm(['config', 'get', 'registry'], { ...options, seconds: 20 })).stdout.trim();
  const unreachable = await whyUnreachable(configured.startsWith('https:') ? configured : usualRegistry);
  const source = unreachable === undefined ? '--prefer-offline' : '--offline';
  return { ...(await runNpm([...parameters, source, ...patience], options)), unreachable };
}
