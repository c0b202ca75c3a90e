// `npm run package [-- TARGET...]`: an unpacked application for this platform in release/, and installers of it where they
// are named: AppImage, deb, rpm, tar.gz, nsis, dmg, zip, or `all` of this platform.
import { chmodSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildChanged, bundleNames } from './build.mjs';
import { findElectron } from './electronRuntime.mjs';
import { folderBytes, reasonOf, run } from './run.mjs';
import { megabytes, say, startProgress } from './progress.mjs';
import { prepare } from './prepare.mjs';
import { root } from './project.mjs';
import { runProgram, SetupError } from './setupError.mjs';
import { stagePackage } from './stage.mjs';

/** @typedef {{ folder: string, program: string, installers: string[] }} PackagedApp */

/** @type {Partial<Record<NodeJS.Platform, string>>} the program inside the folder that electron-builder fills */
const programs = {
  linux: 'sara-studio',
  win32: 'SARA Studio.exe',
  darwin: join('SARA Studio.app', 'Contents', 'MacOS', 'SARA Studio'),
};

/** electron-builder downloads 7-Zip from its own place unless it is told where one is. @returns {Promise<{ ELECTRON_BUILDER_7ZIP_PATH?: string }>} */
async function sevenZip() {
  if (process.env['ELECTRON_BUILDER_7ZIP_PATH'] !== undefined) return {};
  const { path7za } = (await import('7zip-bin')).default;
  if (!existsSync(path7za)) return {};
  if (process.platform !== 'win32') chmodSync(path7za, 0o755);
  return { ELECTRON_BUILDER_7ZIP_PATH: path7za };
}

/** @type {Partial<Record<NodeJS.Platform, { flag: string, targets: readonly string[] }>>} */
const platforms = {
  linux: { flag: '--linux', targets: ['AppImage', 'deb', 'rpm', 'tar.gz', 'zip'] },
  win32: { flag: '--win', targets: ['nsis', 'zip'] },
  darwin: { flag: '--mac', targets: ['dmg', 'zip'] },
};

/**
 * What electron-builder is to make: the folder alone, the installers that are named, or those that its file names.
 * @param {readonly string[]} targets
 * @throws {SetupError}
 */
function targetParameters(targets) {
  const platform = platforms[process.platform];
  if (targets.length === 0 || platform === undefined) return ['--dir'];
  if (targets.join() === 'all') return [platform.flag];
  const unknown = targets.find((target) => !platform.targets.includes(target));
  if (unknown === undefined) return [platform.flag, ...targets];
  throw new SetupError(`npm run package takes all, or any of ${platform.targets.join(', ')} here, not ${unknown}.`, 2);
}

/** deb and rpm are made by tools of the distribution. */
function packageTools() {
  return process.platform === 'linux' && process.env['CUSTOM_FPM_PATH'] === undefined
    ? { CUSTOM_FPM_PATH: join(root, 'src-main', 'setup', 'linuxPackage.mjs') }
    : {};
}

/** Signing for macOS needs a certificate, which only a release has. */
function signing() {
  return (process.env['CSC_LINK'] ?? '') === '' ? ['-c.mac.identity=null'] : [];
}

/**
 * Where installed apps ask for newer versions, as electron-builder's generic provider: $SARA_UPDATE_FEED. A build without it
 * asks nobody.
 */
function updateFeed() {
  const feed = process.env['SARA_UPDATE_FEED'] ?? '';
  return feed === '' ? [] : ['-c.publish.provider=generic', `-c.publish.url=${feed}`];
}

/** Most of an installer is libraries that hardly shrink further at higher levels, which take many times as long. */
const compressionLevel = process.env['ELECTRON_BUILDER_COMPRESSION_LEVEL'] ?? '5';

/**
 * Builds the unpacked application and installers of it.
 * @param {{ forTests: boolean, targets?: readonly string[], folder?: string, version?: string }} options a build for tests
 *   keeps the fuse through which Playwright drives the window; a test of updates has a folder and a version of its own
 * @returns {Promise<PackagedApp>}
 */
export async function packageApp({ forTests, targets = [], folder: into, version }) {
  const wanted = targetParameters(targets);
  const electron = findElectron();
  if (electron === undefined) throw new SetupError('The Electron runtime is missing: run npm run setup.');
  const progress = startProgress(forTests ? 'Packaging the app for its tests' : 'Packaging the app');
  const output = join('release', into ?? (forTests ? 'test' : 'app'));
  rmSync(join(root, output), { recursive: true, force: true });
  await stagePackage();
  const outcome = await run(
    process.execPath,
    [
      join(root, 'node_modules', 'electron-builder', 'cli.js'),
      ...wanted,
      ...signing(),
      ...updateFeed(),
      ...['--publish', 'never', '--config', 'electron-builder.yml', `-c.directories.output=${output}`],
      ...[`-c.electronDist=${electron.folder}`, `-c.electronVersion=${electron.version}`],
      ...(version === undefined ? [] : [`-c.extraMetadata.version=${version}`]),
      // The window's files come over the app's own scheme. Electron 25 has no such fuse.
      ...(electron.fallback ? [] : ['-c.electronFuses.grantFileProtocolExtraPrivileges=false']),
      ...(forTests ? ['-c.electronFuses.enableNodeCliInspectArguments=true'] : []),
    ],
    {
      cwd: root,
      environment: {
        ...(await sevenZip()),
        ...packageTools(),
        ELECTRON_BUILDER_COMPRESSION_LEVEL: compressionLevel,
      },
      seconds: 3600,
      onGrowth: () => progress.update(''),
    },
  );
  rmSync(join(root, 'release', 'stage'), { recursive: true, force: true });
  const built =
    outcome.code === 0 ? readdirSync(join(root, output)).find((name) => /unpacked|^mac/.test(name)) : undefined;
  if (built === undefined) {
    progress.end('did not work');
    throw new SetupError(`electron-builder failed: ${reasonOf(outcome)}.`, 1);
  }
  const folder = join(root, output, built);
  progress.end(megabytes(folderBytes(folder)));
  const installers = readdirSync(join(root, output))
    .filter((name) => /\.(AppImage|deb|rpm|tar\.gz|zip|exe|dmg)$/.test(name))
    .map((name) => join(root, output, name));
  return { folder, program: join(folder, programs[process.platform] ?? 'sara-studio'), installers };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runProgram(async () => {
    await prepare({ window: true, engine: true });
    await buildChanged(bundleNames);
    const { program, installers } = await packageApp({ forTests: false, targets: process.argv.slice(2) });
    const electron = findElectron();
    say(program);
    for (const installer of installers) say(`${installer} ${megabytes(statSync(installer).size)}`);
    if (electron?.fallback === true) {
      say(`It holds Electron ${electron.version}, which gets no security updates: try it out, but do not pass it on.`);
    }
    return 0;
  });
}
