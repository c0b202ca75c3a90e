// Called by electron-builder before it gathers what goes into the package and after it has put the folder together.
import { rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Says that the npm packages are taken care of: the stage holds just the files that the engine loads, where
 * electron-builder would take every file of every dependency.
 */
export function beforeBuild() {
  return false;
}

/**
 * Takes away what an unpacked runtime brings along and the app does not need: its starter and its version.
 * @param {{ appOutDir: string }} context
 */
export function afterPack({ appOutDir }) {
  for (const name of [join('resources', 'default_app.asar'), 'version']) rmSync(join(appOutDir, name), { force: true });
}
