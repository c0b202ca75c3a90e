// Which npm packages are inside the bundles, as the bundles' own source maps tell.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { bundleNames } from './build.mjs';
import { outFolder, root } from './project.mjs';

/** @typedef {{ name: string, version: string, license: string, folder: string }} BundledPackage */

const modules = join(root, 'node_modules');

/** @param {string} folder */
function sourceMapsBelow(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.map'))
    .map((name) => join(folder, name));
}

/**
 * Folder of the package that a file below node_modules belongs to.
 * @param {string} file
 */
function packageFolderOf(file) {
  for (let folder = dirname(file); folder.length > modules.length; folder = dirname(folder)) {
    const description = join(folder, 'package.json');
    // Some packages have further package.json files, without a name, in folders of theirs.
    if (existsSync(description) && JSON.parse(readFileSync(description, 'utf8')).version !== undefined) return folder;
  }
  return undefined;
}

/**
 * The licence of a package whose description names none: as its text begins.
 * @param {string} folder
 */
function licenceInText(folder) {
  const name = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = name === undefined ? '' : readFileSync(join(folder, name), 'utf8');
  return /^\s*(?:The )?MIT License/i.test(text) ? 'MIT' : 'unknown';
}

/**
 * The packages whose code is in the bundles of `out`, which have to be built, by name.
 * @returns {BundledPackage[]}
 */
export function bundledPackages() {
  /** @type {Set<string>} */
  const folders = new Set();
  for (const map of bundleNames.flatMap((name) => sourceMapsBelow(join(outFolder, name)))) {
    /** @type {{ sources: string[] }} */
    const { sources } = JSON.parse(readFileSync(map, 'utf8'));
    for (const source of sources) {
      const file = resolve(dirname(map), source);
      // Helpers of the bundler have names that are no files.
      const folder = file.startsWith(modules + sep) ? packageFolderOf(file) : undefined;
      if (folder !== undefined) folders.add(folder);
    }
  }
  return [...folders]
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      return { name, version, license: typeof license === 'string' ? license : licenceInText(folder), folder };
    })
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
}
