#!/usr/bin/env node
// What electron-builder asks of fpm, done with the distribution's own tools: deb with dpkg-deb, rpm with rpmbuild. It is
// named by $CUSTOM_FPM_PATH, since fpm itself would be downloaded.
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const text = /** @type {const} */ ({ type: 'string' });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ input: { ...text, short: 's' }, target: { ...text, short: 't' }, package: text, force: { type: 'boolean' } },
    ...{ name: text, version: text, architecture: text, description: text, url: text, license: text, category: text },
    ...{ maintainer: text, vendor: text, 'after-install': text, 'after-remove': text, log: text },
    ...{ depends: { ...text, short: 'd', multiple: true }, 'deb-recommends': { ...text, multiple: true } },
    ...{ 'deb-priority': text, 'deb-compression': text, 'rpm-compression': text, 'rpm-os': text, 'rpm-summary': text },
  },
});

/** @param {keyof typeof values} name */
function option(name) {
  const value = values[name];
  return typeof value === 'string' ? value : '';
}

/**
 * @param {string} program
 * @param {readonly string[]} parameters
 */
function run(program, parameters) {
  const { status, error } = spawnSync(program, parameters, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) throw new Error(`${program} cannot be started: ${error.message}`);
  if (status !== 0) throw new Error(`${program} ended with ${status}.`);
}

/**
 * Everybody may read what is installed; nobody but root may change it. Gives the bytes of all files.
 * @param {string} path
 * @returns {number}
 */
function setModes(path) {
  const entry = lstatSync(path);
  if (entry.isSymbolicLink()) return 0;
  if (!entry.isDirectory()) {
    chmodSync(path, entry.mode & 0o111 ? 0o755 : 0o644);
    return entry.size;
  }
  chmodSync(path, 0o755);
  return readdirSync(path).reduce((sum, name) => sum + setModes(join(path, name)), 0);
}

/** @param {string} folder with the tree to be installed */
function buildDeb(folder) {
  const bytes = setModes(folder);
  const control = join(folder, 'DEBIAN');
  mkdirSync(control);
  const description = option('description')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const fields = {
    Package: option('name'),
    Version: option('version'),
    Architecture: option('architecture'),
    Maintainer: option('maintainer'),
    'Installed-Size': String(Math.ceil(bytes / 1024)),
    Depends: (values.depends ?? []).join(', '),
    Recommends: (values['deb-recommends'] ?? []).join(', '),
    Section: option('category'),
    Priority: option('deb-priority') || 'optional',
    Homepage: option('url'),
    Description: description.join('\n '),
  };
  const lines = Object.entries(fields).filter(([, value]) => value !== '');
  writeFileSync(join(control, 'control'), `${lines.map(([key, value]) => `${key}: ${value}`).join('\n')}\n`);
  for (const [name, from] of Object.entries({ postinst: option('after-install'), postrm: option('after-remove') })) {
    if (from === '') continue;
    cpSync(from, join(control, name));
    chmodSync(join(control, name), 0o755);
  }
  const compression = { gz: 'gzip', xz: 'xz', zst: 'zstd' }[option('deb-compression')] ?? 'xz';
  const level = process.env['ELECTRON_BUILDER_COMPRESSION_LEVEL'];
  const parameters = ['--root-owner-group', `-Z${compression}`, ...(level === undefined ? [] : [`-z${level}`])];
  run('dpkg-deb', [...parameters, '--build', folder, option('package')]);
}

/**
 * Source: rpm, docs/manual/spec.md.
 * @param {string} folder with the tree to be installed
 * @param {string} work
 */
function buildRpm(folder, work) {
  setModes(folder);
  const payload = { gzip: 'w6.gzdio', xz: 'w2.xzdio', xzmt: 'w2T0.xzdio' }[option('rpm-compression')] ?? 'w6.gzdio';
  const owned = positionals.map((pair) => pair.slice(pair.lastIndexOf('=') + 1));
  const spec = [
    // What is packed is packed as it is: no stripping, no byte-compiling, no looking for what libraries need.
    '%global __os_install_post %{nil}',
    '%global debug_package %{nil}',
    `%define _binary_payload ${payload}`,
    `Name: ${option('name')}`,
    `Version: ${option('version').replaceAll('-', '_')}`,
    'Release: 1',
    `Summary: ${option('rpm-summary') || option('name')}`,
    `License: ${option('license') || 'unknown'}`,
    `Vendor: ${option('vendor')}`,
    `Packager: ${option('maintainer')}`,
    `URL: ${option('url')}`,
    `Group: ${option('category')}`,
    'AutoReqProv: no',
    ...(values.depends ?? []).map((name) => `Requires: ${name}`),
    '%description',
    option('description').trim(),
    '%install',
    `cp -a '${folder}/.' "$RPM_BUILD_ROOT/"`,
    '%post',
    readFileSync(option('after-install'), 'utf8').replaceAll('%', '%%'),
    '%postun',
    // An update removes the old package after the new one is there; what the new one has set up must stay.
    '[ "$1" = 0 ] || exit 0',
    readFileSync(option('after-remove'), 'utf8').replaceAll('%', '%%'),
    '%files',
    '%defattr(-,root,root)',
    ...owned.map((path) => `"${path.replace(/\/$/, '')}"`),
    '',
  ].join('\n');
  const file = join(work, 'package.spec');
  writeFileSync(file, spec);
  const define = (/** @type {string} */ name, /** @type {string} */ value) => ['--define', `${name} ${value}`];
  const places = [...define('_topdir', work), ...define('_rpmdir', work), ...define('_build_id_links', 'none')];
  run('rpmbuild', [
    '-bb',
    '--quiet',
    '--target',
    option('architecture'),
    ...places,
    ...define('_rpmfilename', 'built.rpm'),
    file,
  ]);
  cpSync(join(work, 'built.rpm'), option('package'));
}

const work = mkdtempSync(join(tmpdir(), 'sara-package-'));
try {
  const folder = join(work, 'tree');
  for (const pair of positionals) {
    const border = pair.lastIndexOf('=');
    const [from, to] = [pair.slice(0, border), join(folder, pair.slice(border + 1))];
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  }
  rmSync(option('package'), { force: true });
  if (values.target === 'deb') buildDeb(folder);
  else if (values.target === 'rpm') buildRpm(folder, work);
  else throw new Error(`Packages of the kind ${values.target} are not made here.`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
