// Called by electron-builder before it gathers what goes into the package.

/**
 * Says that the npm packages are taken care of: the stage holds just the files that the engine loads, where
 * electron-builder would take every file of every dependency.
 */
export function beforeBuild() {
  return false;
}
