// System packages on Debian and Ubuntu: installed when root, otherwise the exact command is shown.
import { findProgram, reasonOf, run } from './run.mjs';
import { startProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

/** Names that Ubuntu changed with 24.04 (64-bit time). */
const renamed = new Set(['libasound2', 'libatk1.0-0', 'libatk-bridge2.0-0', 'libcups2', 'libgtk-3-0']);

/**
 * The names as this release of the distribution has them.
 * @param {readonly string[]} packages
 */
async function namesHere(packages) {
  return await Promise.all(
    packages.map(async (name) => {
      if (!renamed.has(name)) return name;
      const newer = await run('apt-cache', ['show', `${name}t64`], { seconds: 60 });
      return newer.code === 0 ? `${name}t64` : name;
    }),
  );
}

/**
 * Brings system packages or fails with the command that does.
 * @param {readonly string[]} packages names on Debian
 * @param {string} subject what is missing, as the subject of a sentence in the singular
 */
export async function ensurePackages(packages, subject) {
  const command = `apt-get install --yes --no-install-recommends ${packages.join(' ')}`;
  const aptGet = findProgram('apt-get');
  if (process.platform !== 'linux' || aptGet === undefined) {
    throw new SetupError(`${subject} is missing: install it with your package manager (on Debian: ${command}).`);
  }
  if (process.getuid?.() !== 0) throw new SetupError(`${subject} is missing. Run: sudo ${command}`);
  const progress = startProgress(`Installing ${packages.join(' ')}`);
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = { environment, seconds: 900, onGrowth: () => progress.update('') };
  await run(aptGet, ['update', '--quiet'], options);
  const names = await namesHere(packages);
  const outcome = await run(aptGet, ['install', '--yes', '--quiet', '--no-install-recommends', ...names], options);
  if (outcome.code !== 0) {
    progress.end('did not work');
    throw new SetupError(`${subject} is missing and apt-get failed (${reasonOf(outcome)}). Try: ${command}`);
  }
  progress.end('done');
}
