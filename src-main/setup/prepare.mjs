// Set-up: brings everything that the task at hand needs and that is not there yet. When all is there it only looks.
import { ensureSystemLibraries } from './systemLibraries.mjs';
import { aloneInCache } from './wholeFolder.mjs';
import { findElectron, installElectron } from './electronRuntime.mjs';
import { installedTensorFlow, installTensorFlow } from './tensorflow.mjs';
import { installNpmDependencies, npmDependenciesReady } from './npmDependencies.mjs';
import { SetupError } from './setupError.mjs';

/** @typedef {import('./tensorflowPins.mjs').Flavour} Flavour */

/**
 * @typedef {object} Need
 * @property {boolean} window Electron and, on Linux, its libraries and a display
 * @property {boolean} engine libtensorflow and the addon
 * @property {Flavour} [flavour] the build of libtensorflow; whichever is there when absent
 */

const oldestNode = [20, 19];

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = oldestNode;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupError(`Node.js ${process.versions.node} is too old: install ${oldestNode.join('.')} or newer.`);
}

/** @param {Need} need */
function isTensorFlowReady({ flavour }) {
  const build = installedTensorFlow();
  return build !== undefined && (flavour === undefined || build.flavour === flavour);
}

/** @param {Need} need */
async function bringMissing(need) {
  if (!npmDependenciesReady()) await installNpmDependencies();
  if (need.window && findElectron() === undefined) await installElectron();
  if (need.engine && !isTensorFlowReady(need)) await installTensorFlow(need.flavour ?? 'cpu');
}

/**
 * Brings what is missing. Fails with a `SetupError`.
 * @param {Need} need
 */
export async function prepare(need) {
  checkNode();
  const ready =
    npmDependenciesReady() &&
    (!need.window || findElectron() !== undefined) &&
    (!need.engine || isTensorFlowReady(need));
  if (!ready) await aloneInCache(() => bringMissing(need));
  const electron = need.window ? findElectron() : undefined;
  if (electron !== undefined) await ensureSystemLibraries(electron.program);
}
