// What must hold for package-lock.json, so that an installation gets the files that were looked at and runs none of them.

/**
 * @typedef {{ integrity?: string, resolved?: string, link?: boolean, license?: string, hasInstallScript?: boolean }} Locked
 * @typedef {{ packages: Readonly<Record<string, Locked>> }} Lockfile
 */

/** Packages that would run a program when they are installed; .npmrc forbids it to all of them. */
const withScripts = new Set([
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-node-gpu',
  'core-js',
  'electron',
  'electron-25',
  'electron-winstaller',
  'fsevents',
  'unrs-resolver',
]);

/** Modules that would undo what Electron's own checks do. */
const refused = ['@electron/remote', 'electron-store', 'node-ipc'];

/**
 * Faults of a lockfile, one sentence each; none when it is good.
 * @param {Lockfile} lockfile
 * @param {string} npmrc content of .npmrc
 */
export function lockfileFaults({ packages }, npmrc) {
  /** @type {string[]} */
  const faults = [];
  if (!/^ignore-scripts=true$/m.test(npmrc)) faults.push('.npmrc lets packages run programs when they are installed.');
  for (const [place, { integrity, resolved, link, hasInstallScript }] of Object.entries(packages)) {
    if (place === '') continue;
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (link === true) faults.push(`${name} is a link and not a package.`);
    else if (integrity?.startsWith('sha512-') !== true) faults.push(`${name} has no SHA-512 checksum.`);
    if (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'))
      faults.push(`${name} does not come from the registry.`);
    if (hasInstallScript === true && !withScripts.has(name))
      faults.push(`${name} has an install script that nobody has looked at.`);
    if (refused.includes(name)) faults.push(`${name} must not be among the packages.`);
  }
  return faults;
}
