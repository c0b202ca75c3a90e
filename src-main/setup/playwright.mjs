// Runs a project of tests/playwright.config.ts in Electron's runtime, on a virtual display where there is no other.
import { join } from 'node:path';
import { engineProcessEnvironment } from './engineProcess.mjs';
import { findElectron } from './electronRuntime.mjs';
import { hasDisplay, startVirtualDisplay } from './display.mjs';
import { root } from './project.mjs';
import { runInPlace } from './child.mjs';
import { say } from './progress.mjs';
import { SetupError } from './setupError.mjs';

/**
 * Calls `work` with the environment in which Playwright can open the app's windows.
 * @template T
 * @param {(environment: NodeJS.ProcessEnv) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withWindows(work) {
  const electron = findElectron();
  if (electron === undefined) throw new SetupError('The Electron runtime is missing: run npm run setup.');
  const display = hasDisplay() ? undefined : await startVirtualDisplay();
  if (display !== undefined) say(`the windows open on the virtual display ${display.name}`);
  try {
    return await work({
      ...engineProcessEnvironment(),
      ...(display === undefined ? {} : { DISPLAY: display.name }),
      ...(process.platform === 'linux' ? { DBUS_SESSION_BUS_ADDRESS: 'disabled:' } : {}),
      ELECTRON_OVERRIDE_DIST_PATH: electron.folder,
    });
  } finally {
    display?.stop();
  }
}

/**
 * @param {'e2e' | 'packaged' | 'screenshots' | 'longrun' | 'methods' | 'bench-ui'} project
 * @param {readonly string[]} filters words that choose files
 * @param {NodeJS.ProcessEnv} [environment] added to this process's own
 * @returns {Promise<number>} Playwright's exit code
 */
export async function runPlaywright(project, filters, environment = {}) {
  const program = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
  const parameters = ['test', '--config', 'tests/playwright.config.ts', `--project=${project}`];
  return await withWindows((windows) =>
    runInPlace(process.execPath, [program, ...parameters, ...filters], { ...windows, ...environment }),
  );
}
