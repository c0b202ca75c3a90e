// Gathers what goes into the package: the bundles, of the npm packages only the files that the engine loads, and the
// licences of what is inside.
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { bundledPackages } from './bundledPackages.mjs';
import { bundleNames } from './build.mjs';
import { outFolder, root } from './project.mjs';
import { findProgram, run } from './run.mjs';
import { tensorflowFolder } from './tensorflow.mjs';

/** Where the package is gathered; electron-builder.yml takes it from here. */
const stageFolder = join(root, 'release', 'stage');

const modules = join(root, 'node_modules');

/** What `sara study --png` reads at run time. */
const drawingFiles = [
  '@resvg/resvg-wasm/package.json',
  '@resvg/resvg-wasm/index_bg.wasm',
  'dejavu-fonts-ttf/package.json',
  'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
  'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
].map((file) => join(modules, file));

/**
 * @param {string} from
 * @param {string} to
 */
function link(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/**
 * @param {string} folder
 * @returns {string[]} paths of the files below it
 */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * The package.json files that Node reads on the way to these files.
 * @param {readonly string[]} files
 */
function descriptionsOf(files) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const file of files) {
    for (let folder = dirname(file); folder.length > modules.length; folder = dirname(folder)) {
      const description = join(folder, 'package.json');
      if (existsSync(description)) found.add(description);
    }
  }
  return [...found];
}

/**
 * Licences of the npm packages, those inside the bundles included, and of libtensorflow.
 * @param {readonly string[]} descriptions
 */
function stageLicences(descriptions) {
  const folder = join(stageFolder, 'licences');
  mkdirSync(folder, { recursive: true });
  for (const name of ['LICENSE', 'THIRD_PARTY.md']) {
    if (existsSync(join(root, name))) copyFileSync(join(root, name), join(folder, name));
  }
  const bundled = bundledPackages();
  for (const packageFolder of new Set([
    ...descriptions.map((file) => dirname(file)),
    ...bundled.map(({ folder: own }) => own),
  ])) {
    for (const name of readdirSync(packageFolder).filter((entry) => /^(licen[cs]e|notice|copying)/i.test(entry))) {
      const target = relative(modules, packageFolder).split(sep).join('+');
      cpSync(join(packageFolder, name), join(folder, `${target}-${name}`), { recursive: true });
    }
  }
  const lines = bundled.map(({ name, version, license }) => `${name} ${version}: ${license}`);
  writeFileSync(join(folder, 'packages.txt'), `npm packages inside the program:\n\n${lines.join('\n')}\n`);
  const tensorflow = join(tensorflowFolder, 'deps', 'licences');
  if (existsSync(tensorflow)) cpSync(tensorflow, join(folder, 'tensorflow'), { recursive: true });
}

/** What nodes of a cluster are set up from; the package itself has no use for it. */
function stageCluster() {
  const setup = join('src-main', 'setup');
  const programs = readdirSync(join(root, setup)).filter((name) => name.endsWith('.mjs'));
  const files = ['package.json', 'package-lock.json', '.npmrc', join('src-main', 'host', 'engine-environment.json')];
  for (const file of [...files, ...programs.map((name) => join(setup, name))]) {
    link(join(root, file), join(stageFolder, 'cluster', file));
  }
}

/**
 * A library without its table of local symbols, which only debuggers read: 176 of the 633 MB of libtensorflow. What is
 * exported stays. Taken as it is where there is nothing to do that with.
 * @param {string} from
 * @param {string} to
 */
async function stageLibrary(from, to) {
  const strip = process.platform === 'linux' && /\.so(\.|$)/.test(from) ? findProgram('strip') : undefined;
  if (strip !== undefined) {
    mkdirSync(dirname(to), { recursive: true });
    const outcome = await run(strip, ['--strip-unneeded', '-o', to, from], { seconds: 300 });
    if (outcome.code === 0) return;
    rmSync(to, { force: true });
  }
  link(from, to);
}

/** Fills the stage anew. */
export async function stagePackage() {
  rmSync(stageFolder, { recursive: true, force: true });
  const addon = filesBelow(join(tensorflowFolder, 'lib'));
  const descriptions = descriptionsOf([...addon, ...drawingFiles]);
  const libraries = filesBelow(join(tensorflowFolder, 'deps')).filter(
    (file) => !/[\\/](include|licences)[\\/]/.test(file),
  );
  for (const file of new Set([...drawingFiles, ...descriptions, ...addon])) {
    link(file, join(stageFolder, 'modules', relative(modules, file)));
  }
  for (const file of libraries) await stageLibrary(file, join(stageFolder, 'modules', relative(modules, file)));
  for (const file of bundleNames.flatMap((name) => filesBelow(join(outFolder, name)))) {
    link(file, join(stageFolder, 'out', relative(outFolder, file)));
  }
  stageLicences(descriptions);
  stageCluster();
  const whole = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { name, productName, version, description, author, homepage, license, main } = whole;
  const lean = { name, productName, version, description, author, homepage, license, main };
  writeFileSync(join(stageFolder, 'package.json'), `${JSON.stringify(lean, null, 2)}\n`);
}
