// `npm run audit`: the lockfile, the licences of what is inside the program, and the vulnerabilities that the registry
// knows of. The first two need no network; a registry that gives no answer is named and fails nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildChanged, bundleNames } from './build.mjs';
import { bundledPackages } from './bundledPackages.mjs';
import { lockfileFaults } from './lockfile.mjs';
import { runNpm } from './npm.mjs';
import { prepare } from './prepare.mjs';
import { root } from './project.mjs';
import { runProgram } from './setupError.mjs';

/** Licences under which other people's code may be in a program of the Apache License 2.0. */
const allowed = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'MPL-2.0',
  'Python-2.0',
]);

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {string} name */
function content(name) {
  return readFileSync(join(root, name), 'utf8');
}

/**
 * Vulnerabilities that the registry knows of, high and critical ones of what ships as faults.
 * @param {ReadonlySet<string>} shipped
 * @returns {Promise<string[]>}
 */
async function vulnerabilities(shipped) {
  const outcome = await runNpm(['audit', '--json'], { cwd: root, seconds: 120 });
  /** @type {{ vulnerabilities?: Record<string, { severity: string, range: string }>, message?: string }} */
  let answer = {};
  try {
    answer = JSON.parse(outcome.stdout);
  } catch {
    // npm said nothing that can be read: no answer.
  }
  if (answer.vulnerabilities === undefined) {
    print('– vulnerabilities: not checked, the registry does not answer audits here. Run npm audit where it does.');
    return [];
  }
  const found = Object.entries(answer.vulnerabilities);
  print(`${found.length === 0 ? '✓' : '–'} vulnerabilities that the registry knows of: ${found.length}`);
  for (const [name, { severity, range }] of found)
    print(`    ${name} ${range}: ${severity}${shipped.has(name) ? ', ships' : ''}`);
  return found
    .filter(([name, { severity }]) => shipped.has(name) && ['high', 'critical'].includes(severity))
    .map(([name, { severity }]) => `${name}, which ships, has a vulnerability that is ${severity}.`);
}

await runProgram(async () => {
  await prepare({ window: false, engine: false });
  await buildChanged(bundleNames);
  const faults = lockfileFaults(JSON.parse(content('package-lock.json')), content('.npmrc'));
  print(`${faults.length === 0 ? '✓' : '✗'} lockfile: checksums, registry, install scripts`);
  const bundled = bundledPackages();
  const foreign = bundled.filter(
    ({ license }) => !license.split(/ (?:AND|OR) /).every((part) => allowed.has(part.replaceAll(/[()]/g, ''))),
  );
  print(`${foreign.length === 0 ? '✓' : '✗'} licences of the ${bundled.length} packages inside the program:`);
  for (const { name, version, license } of bundled) print(`    ${name} ${version}: ${license}`);
  faults.push(...foreign.map(({ name, license }) => `${name} has the licence ${license}, which nobody has looked at.`));
  const shipped = new Set([
    ...bundled.map(({ name }) => name),
    'electron',
    '@tensorflow/tfjs-node',
    '@tensorflow/tfjs-node-gpu',
  ]);
  faults.push(...(await vulnerabilities(shipped)));
  for (const fault of faults) print(fault);
  return faults.length === 0 ? 0 : 1;
});
