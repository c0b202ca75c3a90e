// libtensorflow and the addon of tfjs: the package's own download, or where only package registries can be reached,
// libtensorflow from a Python wheel and an addon compiled here.
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, dirname, join, relative } from 'node:path';
import { skipsOfficial, whyUnreachable } from './network.mjs';
import { makeWholeFolder } from './wholeFolder.mjs';
import { addonFolder, addonName, buildAddon, tryAddon } from './tensorflowAddon.mjs';
import { downloadWheel } from './pythonWheel.mjs';
import { cudaWheels, registryTensorFlow, tensorflowWheels } from './tensorflowPins.mjs';
import { folderBytes, reasonOf, run } from './run.mjs';
import { cacheFolder, platformName, root } from './project.mjs';
import { megabytes, say, startProgress } from './progress.mjs';
import { unpackZip } from './zipFile.mjs';
import { SetupError } from './setupError.mjs';

/** @typedef {import('./tensorflowPins.mjs').Flavour} Flavour */

/**
 * What is installed; the app and `sara doctor` read it.
 * @typedef {object} TensorFlowBuild
 * @property {string} package
 * @property {string} packageVersion
 * @property {string} tensorflow version of libtensorflow
 * @property {Flavour} flavour
 * @property {'official' | 'registry'} source
 */

/** The GPU package does not exist for macOS. */
const packageName = process.platform === 'darwin' ? '@tensorflow/tfjs-node' : '@tensorflow/tfjs-node-gpu';

/** Folder of the tfjs package that this platform uses. */
export const tensorflowFolder = join(root, 'node_modules', ...packageName.split('/'));

const recordPath = join('deps', 'build.json');
const official = 'https://storage.googleapis.com/tensorflow/libtensorflow/';

/** @param {string} folder */
function packageVersion(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

/**
 * @param {string} folder the tfjs package, or a copy of its built parts in the cache
 * @returns {TensorFlowBuild | undefined}
 */
function readRecord(folder) {
  const file = join(folder, recordPath);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/**
 * What is installed in node_modules; undefined when nothing whole is.
 * @returns {TensorFlowBuild | undefined}
 */
export function installedTensorFlow() {
  const record = readRecord(tensorflowFolder);
  const addon = join(tensorflowFolder, 'lib', addonFolder, addonName);
  if (record === undefined || !existsSync(addon)) return undefined;
  return record.packageVersion === packageVersion(tensorflowFolder) ? record : undefined;
}

/** Folders that the dynamic linker must know before the engine starts; only the CUDA build has any. */
export function tensorflowLibraryPath() {
  const nvidia = join(tensorflowFolder, 'deps', 'nvidia');
  if (!existsSync(nvidia)) return undefined;
  const folders = readdirSync(nvidia).map((name) => join(nvidia, name, 'lib'));
  const own = process.env['LD_LIBRARY_PATH'];
  return [...folders, ...(own === undefined || own === '' ? [] : [own])].join(delimiter);
}

/**
 * Puts the files of one folder into another: as hard links, or copies on another drive. Each file appears whole, and a
 * process that has the earlier one loaded keeps it.
 * @param {string} from
 * @param {string} to
 */
function linkFiles(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) {
      linkFiles(source, target);
      continue;
    }
    const temporary = `${target}.${process.pid}`;
    rmSync(temporary, { force: true });
    try {
      linkSync(source, temporary);
    } catch {
      copyFileSync(source, temporary);
    }
    renameSync(temporary, target);
    // Renaming one link of a file onto another of the same file leaves both.
    rmSync(temporary, { force: true });
  }
}

/** @param {Flavour} flavour @param {'official' | 'registry'} source */
function cacheName(flavour, source) {
  return `tensorflow-${packageVersion(tensorflowFolder)}-${flavour}-${source}-${platformName}`;
}

/**
 * @param {string} folder holds `lib` and `deps` as the package does
 * @param {Flavour} flavour
 * @param {'official' | 'registry'} source
 * @param {string} tensorflow
 */
function writeRecord(folder, flavour, source, tensorflow) {
  /** @type {TensorFlowBuild} */
  const record = {
    package: packageName,
    packageVersion: packageVersion(tensorflowFolder),
    tensorflow,
    flavour,
    source,
  };
  writeFileSync(join(folder, recordPath), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * The package's own installation, kept in the cache.
 * @param {Flavour} flavour
 * @returns {Promise<string | undefined>} undefined when it worked, else why not
 */
async function fetchOfficial(flavour) {
  const systems = { linux: 'linux', win32: 'windows', darwin: 'darwin' };
  const system = Object.entries(systems).find(([name]) => name === process.platform)?.[1];
  if (system === undefined) return `there is none for ${platformName}`;
  const library = `libtensorflow-${flavour === 'cuda' ? 'gpu' : 'cpu'}-${system}-x86_64-2.9.1`;
  // Apple's and other ARM processors have archives of other names beside this one.
  const unreachable = await whyUnreachable(`${official}${library}.${system === 'windows' ? 'zip' : 'tar.gz'}`);
  if (unreachable !== undefined) return unreachable;
  const progress = startProgress('Downloading libtensorflow');
  const deps = join(tensorflowFolder, 'deps');
  const built = join(tensorflowFolder, 'lib');
  rmSync(deps, { recursive: true, force: true });
  rmSync(built, { recursive: true, force: true });
  const outcome = await run(
    process.execPath,
    [join('scripts', 'install.js'), flavour === 'cuda' ? 'gpu' : 'cpu', 'download'],
    {
      cwd: tensorflowFolder,
      environment: { PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter) },
      growingFolder: deps,
      stallSeconds: 90,
      onGrowth: (bytes) => progress.update(megabytes(bytes)),
    },
  );
  const addon = join(built, addonFolder, addonName);
  const loaded = outcome.code === 0 && existsSync(addon) ? await tryAddon(addon) : { failure: reasonOf(outcome) };
  if ('failure' in loaded) {
    progress.end('did not work');
    rmSync(deps, { recursive: true, force: true });
    rmSync(built, { recursive: true, force: true });
    return loaded.failure;
  }
  await makeWholeFolder(cacheName(flavour, 'official'), async (folder) => {
    for (const part of ['lib', 'deps']) linkFiles(join(tensorflowFolder, part), join(folder, part));
    writeRecord(folder, flavour, 'official', loaded.version);
  });
  progress.end(megabytes(folderBytes(deps)));
  return undefined;
}

/** @param {string} name file of the TensorFlow wheel @returns {string | undefined} */
function placeOfTensorFlow(name) {
  const library = /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/.exec(name)?.[1];
  if (library !== undefined) return join('deps', 'lib', library);
  const licence = /^tensorflow\/(?:include\/LICENSE|THIRD_PARTY_NOTICES\.txt)$/.test(name);
  if (licence) return join('deps', 'licences', basename(name));
  const header = /^tensorflow\/(include\/(?:tensorflow\/c|tensorflow\/core\/platform|tsl|xla\/tsl)\/.*\.h)$/.exec(
    name,
  )?.[1];
  return header === undefined ? undefined : join('headers', header);
}

/** @param {string} name file of an NVIDIA wheel @returns {string | undefined} */
function placeOfCuda(name) {
  return /^nvidia\/[^/]+\/lib\/.*\.so/.test(name) || /\/libdevice\.[^/]*\.bc$/.test(name)
    ? join('deps', name)
    : undefined;
}

/**
 * libtensorflow from the Python package index.
 * @param {Flavour} flavour
 * @returns {Promise<string>} folder with `deps/lib` and `headers/include`
 */
async function fetchLibrary(flavour) {
  const name = `libtensorflow-${registryTensorFlow}-${flavour}-${platformName}`;
  const present = join(cacheFolder(), name);
  if (existsSync(present)) return present;
  return await makeWholeFolder(name, async (folder) => {
    const downloads = join(folder, 'downloads');
    const wheels = [tensorflowWheels[flavour], ...(flavour === 'cuda' ? cudaWheels : [])];
    for (const wheel of wheels) {
      const place = wheel === tensorflowWheels[flavour] ? placeOfTensorFlow : placeOfCuda;
      mkdirSync(downloads);
      await unpackZip(await downloadWheel(wheel, downloads), folder, place);
      rmSync(downloads, { recursive: true });
    }
  });
}

/** @param {Flavour} flavour */
async function fetchRegistry(flavour) {
  const library = await fetchLibrary(flavour);
  await makeWholeFolder(cacheName(flavour, 'registry'), async (folder) => {
    linkFiles(join(library, 'deps'), join(folder, 'deps'));
    const addon = join(folder, 'lib', addonFolder, addonName);
    mkdirSync(dirname(addon), { recursive: true });
    await buildAddon(tensorflowFolder, join(folder, 'deps', 'lib'), join(library, 'headers', 'include'), addon);
    const loaded = await tryAddon(addon);
    if ('failure' in loaded) {
      throw new SetupError(`The compiled TensorFlow addon ${relative(root, addon)} does not load: ${loaded.failure}.`);
    }
    writeRecord(folder, flavour, 'registry', loaded.version);
  });
}

/**
 * Brings libtensorflow and the addon and puts them into the tfjs package.
 * @param {Flavour} flavour
 */
export async function installTensorFlow(flavour) {
  const onLinux = platformName === 'linux-x64';
  // The official CUDA build is for CUDA 11.2, which today's cards and drivers rarely come with.
  const withOfficial = !skipsOfficial() && !(onLinux && flavour === 'cuda');
  /** @param {'official' | 'registry'} source */
  const cached = (source) => {
    const folder = join(cacheFolder(), cacheName(flavour, source));
    return readRecord(folder) === undefined ? undefined : folder;
  };
  if (cached('official') === undefined && cached('registry') === undefined) {
    const failure = withOfficial ? await fetchOfficial(flavour) : 'it is left out';
    if (failure !== undefined) {
      say(`libtensorflow is not taken from its official place: ${failure}.`);
      if (!onLinux) {
        throw new SetupError(
          `libtensorflow cannot be downloaded (${failure}): check the connection and run npm run setup again.`,
        );
      }
      await fetchRegistry(flavour);
    }
  }
  const folder = cached('official') ?? cached('registry');
  if (folder === undefined) throw new SetupError('libtensorflow is not in the cache: run npm run setup again.');
  // What another flavour left there would be found by the dynamic linker.
  rmSync(join(tensorflowFolder, 'deps', 'nvidia'), { recursive: true, force: true });
  for (const part of ['lib', 'deps']) linkFiles(join(folder, part), join(tensorflowFolder, part));
}
