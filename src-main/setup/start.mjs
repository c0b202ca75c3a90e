// `npm start [-- OPTIONS]`: set-up, build, and the app in its window.
import { buildChanged, bundleNames } from './build.mjs';
import { findElectron } from './electronRuntime.mjs';
import { hasDisplay, startVirtualDisplay } from './display.mjs';
import { root } from './project.mjs';
import { libraryPath } from './engineProcess.mjs';
import { prepare } from './prepare.mjs';
import { runInPlace } from './child.mjs';
import { runProgram, SetupError } from './setupError.mjs';
import { say } from './progress.mjs';
import { whyNoSandbox } from './sandbox.mjs';

/**
 * Switches and variables without which Electron does not start, or fills the log, on this machine.
 * @param {string} runtime folder of Electron
 */
async function launchOptions(runtime) {
  /** @type {string[]} */
  // Chromium's own log is about its parts, such as a message bus that is missing; the app keeps a log of its own.
  const switches = ['--log-level=3'];
  /** @type {NodeJS.ProcessEnv} */
  const environment = { ...process.env, ...libraryPath() };
  delete environment['ELECTRON_RUN_AS_NODE'];
  const noSandbox = whyNoSandbox(runtime);
  if (noSandbox !== undefined) {
    say(`started without Chromium’s sandbox (--no-sandbox): ${noSandbox}.`);
    switches.push('--no-sandbox');
  }
  if (process.platform === 'linux') environment['DBUS_SESSION_BUS_ADDRESS'] ??= 'disabled:';
  if (!hasDisplay()) {
    const display = await startVirtualDisplay();
    say(`There is no display: the window opens on the virtual display ${display.name}.`);
    environment['DISPLAY'] = display.name;
    environment['SARA_VIRTUAL_DISPLAY'] = '1';
    switches.push('--disable-gpu');
  }
  return { switches, environment };
}

await runProgram(async () => {
  await prepare({ window: true, engine: true });
  await buildChanged(bundleNames);
  const electron = findElectron();
  if (electron === undefined) throw new SetupError('The Electron runtime is missing: run npm run setup.');
  const { switches, environment } = await launchOptions(electron.folder);
  return await runInPlace(electron.program, [root, ...switches, ...process.argv.slice(2)], environment);
});
