// Builds the addon of tfjs against a libtensorflow: the package's own two source files and one compiler call.
import { join } from 'node:path';
import { ensurePackages } from './systemPackages.mjs';
import { findProgram, reasonOf, run } from './run.mjs';
import { root } from './project.mjs';
import { startProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

const napiVersion = 8;

/** Folder below the package's `lib` in which tfjs looks for its addon. */
export const addonFolder = `napi-v${napiVersion}`;

/** Name of the addon's file. */
export const addonName = 'tfjs_binding.node';

function findCompiler() {
  const names = [process.env['CXX'], 'g++', 'clang++', 'c++'];
  return names.find((name) => name !== undefined && name !== '' && findProgram(name) !== undefined);
}

/**
 * Compiles the addon.
 * @param {string} packageFolder the installed tfjs package
 * @param {string} libraries folder of libtensorflow
 * @param {string} headers include folder of TensorFlow
 * @param {string} target path of the addon; at run time it looks for the libraries in `../../deps/lib` from its place
 */
export async function buildAddon(packageFolder, libraries, headers, target) {
  if (findCompiler() === undefined) await ensurePackages(['g++'], 'A C++ compiler');
  const progress = startProgress('Compiling the TensorFlow addon');
  const binding = join(packageFolder, 'binding');
  const outcome = await run(
    findCompiler() ?? 'g++',
    [
      ...['-O2', '-std=c++17', '-fPIC', '-shared', `-DNAPI_VERSION=${napiVersion}`, '-DBUILDING_NODE_EXTENSION'],
      ...[join(root, 'node_modules', 'node-api-headers', 'include'), headers, binding].map((folder) => `-I${folder}`),
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(binding, file)),
      ...[`-L${libraries}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
      ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', target],
    ],
    { seconds: 600, onGrowth: () => progress.update('') },
  );
  if (outcome.code !== 0) {
    progress.end('did not work');
    throw new SetupError(`The TensorFlow addon cannot be compiled: ${reasonOf(outcome)}.`);
  }
  progress.end('done');
}

/**
 * Loads an addon in a process of its own.
 * @param {string} addon
 * @returns {Promise<{ version: string } | { failure: string }>} the version of libtensorflow
 */
export async function tryAddon(addon) {
  const program = 'process.stdout.write("TensorFlow " + require(process.argv[1]).TF_Version)';
  const outcome = await run(process.execPath, ['-e', program, addon], {
    seconds: 120,
    environment: { TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  const version = /TensorFlow (\S+)$/.exec(outcome.stdout)?.[1];
  return version === undefined ? { failure: reasonOf(outcome) } : { version };
}
