// Downloads Python wheels through pip. Nothing of Python is used at run time: a wheel is where libtensorflow can be had
// from a package registry.
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ensurePackages } from './systemPackages.mjs';
import { whyUnreachable } from './network.mjs';
import { findProgram, reasonOf, run } from './run.mjs';
import { megabytes, startProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

const usualIndex = 'https://pypi.org/simple/';

/** @typedef {{ name: string, version: string, sha256: string, bytes?: number }} Wheel */

/** @returns {Promise<readonly string[] | undefined>} */
async function findPip() {
  for (const command of [['python3', '-m', 'pip'], ['pip3'], ['python', '-m', 'pip'], ['pip']]) {
    const [program = '', ...parameters] = command;
    if (findProgram(program) === undefined) continue;
    if ((await run(program, [...parameters, '--version'], { seconds: 30 })).code === 0) return command;
  }
  return undefined;
}

/** @param {string} file */
async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * Downloads a wheel for Linux on x86-64 and checks its checksum. Any Python will do: it is only unpacked.
 * @param {Wheel} wheel
 * @param {string} folder where the file goes
 * @returns {Promise<string>} path of the wheel
 */
export async function downloadWheel({ name, version, sha256: expected, bytes = 0 }, folder) {
  if ((await findPip()) === undefined) await ensurePackages(['python3-pip'], 'pip, which downloads libtensorflow,');
  const [program = 'pip', ...pip] = (await findPip()) ?? ['pip'];
  const progress = startProgress(`Downloading ${name} ${version}`);
  const temporary = join(folder, 'pip');
  mkdirSync(temporary, { recursive: true });
  const platforms = ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'].flatMap((platform) => ['--platform', platform]);
  const options = ['--quiet', '--no-deps', '--no-cache-dir', '--no-input', '--retries', '1', '--timeout', '15'];
  const outcome = await run(
    program,
    [
      ...pip,
      ...['download', ...options, '--python-version', '3.11', '--only-binary', ':all:', ...platforms],
      ...['--dest', folder, `${name}==${version}`],
    ],
    {
      cwd: folder,
      environment: { TMPDIR: temporary },
      seconds: 3600,
      growingFolder: folder,
      stallSeconds: 120,
      onGrowth: (now) => progress.update(bytes === 0 ? megabytes(now) : `${megabytes(now)} of ${megabytes(bytes)}`),
    },
  );
  const file = readdirSync(folder).find((entry) => entry.endsWith('.whl'));
  if (outcome.code !== 0 || file === undefined) {
    // Without a connection pip says that there is no such version.
    const unreachable = process.env['PIP_INDEX_URL'] === undefined ? await whyUnreachable(usualIndex) : undefined;
    throw new SetupError(
      `${name} ${version} cannot be downloaded (${unreachable ?? reasonOf(outcome)}): check the connection to the Python package index and run npm run setup again.`,
    );
  }
  const path = join(folder, `${name}.zip`);
  renameSync(join(folder, file), path);
  if ((await sha256(path)) !== expected) {
    throw new SetupError(`The download of ${name} ${version} does not match its checksum: run npm run setup again.`);
  }
  progress.end('checksum right');
  return path;
}
