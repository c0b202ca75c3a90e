// `npm run package`: an unpacked application for this platform in release/.
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
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

/** @typedef {{ folder: string, program: string }} PackagedApp */

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

/**
 * Builds the unpacked application.
 * @param {{ forTests: boolean }} options a build for tests keeps the fuse through which Playwright drives the window
 * @returns {Promise<PackagedApp>}
 */
export async function packageApp({ forTests }) {
  const electron = findElectron();
  if (electron === undefined) throw new SetupError('The Electron runtime is missing: run npm run setup.');
  const progress = startProgress(forTests ? 'Packaging the app for its tests' : 'Packaging the app');
  const output = join('release', forTests ? 'test' : 'app');
  rmSync(join(root, output), { recursive: true, force: true });
  await stagePackage();
  const outcome = await run(
    process.execPath,
    [
      join(root, 'node_modules', 'electron-builder', 'cli.js'),
      ...['--dir', '--publish', 'never', '--config', 'electron-builder.yml', `-c.directories.output=${output}`],
      ...[`-c.electronDist=${electron.folder}`, `-c.electronVersion=${electron.version}`],
      ...(forTests ? ['-c.electronFuses.enableNodeCliInspectArguments=true'] : []),
    ],
    { cwd: root, environment: await sevenZip(), seconds: 900, onGrowth: () => progress.update('') },
  );
  rmSync(join(root, 'release', 'stage'), { recursive: true, force: true });
  const built =
    outcome.code === 0 ? readdirSync(join(root, output)).find((name) => /unpacked|^mac/.test(name)) : undefined;
  if (built === undefined) {
    progress.end('did not work');
    throw new SetupError(`electron-builder failed: ${reasonOf(outcome)}.`, 1);
  }
  const folder = join(root, output, built);
  // An unpacked runtime brings its starter along, which the app does not need.
  for (const name of [join('resources', 'default_app.asar'), 'version']) rmSync(join(folder, name), { force: true });
  progress.end(megabytes(folderBytes(folder)));
  return { folder, program: join(folder, programs[process.platform] ?? 'sara-studio') };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runProgram(async () => {
    await prepare({ window: true, engine: true });
    await buildChanged(bundleNames);
    const { program } = await packageApp({ forTests: false });
    const electron = findElectron();
    say(program);
    if (electron?.fallback === true) {
      say(`It holds Electron ${electron.version}, which gets no security updates: try it out, but do not pass it on.`);
    }
    return 0;
  });
}
