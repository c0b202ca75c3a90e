// `npm run test:installers [-- --built]` (Linux, as root): makes the installers of this system, installs each as a person
// would, starts it as an ordinary user with Chromium's sandbox on, lets it go the sample path, removes it, and compares
// the files of the system before and after. With --built the installers in release/app are taken as they are.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { buildChanged, bundleNames } from '../../src-main/setup/build.mjs';
import { startVirtualDisplay } from '../../src-main/setup/display.mjs';
import { packageApp } from '../../src-main/setup/package.mjs';
import { prepare } from '../../src-main/setup/prepare.mjs';
import { megabytes, say } from '../../src-main/setup/progress.mjs';
import { cacheFolder, root } from '../../src-main/setup/project.mjs';
import { findProgram, folderBytes } from '../../src-main/setup/run.mjs';
import { runProgram, SetupError } from '../../src-main/setup/setupError.mjs';
import { useApp } from './useApp.mjs';

/** Bytes that no installer, and nothing that is installed, may have more of; docs/installers.md tells what there is. */
const sizeBudget = 260e6;
const installedBudget = 800e6;

const user = 'sara-installer-test';
const home = join('/home', user);

/**
 * @param {string} program
 * @param {readonly string[]} parameters
 */
function execute(program, parameters) {
  const { status, stderr, stdout, error } = spawnSync(program, parameters, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** Where programs are installed, and what installing changes besides. */
const systemFolders = ['/etc', '/opt', '/usr', '/var'];
/** Records and caches that the package manager and the desktop's databases keep by themselves. */
const recordsOfTheSystem =
  /^\/var\/(lib\/(dpkg|apt)|cache|log)\/|^\/usr\/share\/(mime\/(?!packages\/)|applications\/mimeinfo\.cache$)/;

/** Every file and folder that installing could add. @returns {Set<string>} */
function systemFiles() {
  const paths = execute('find', [...systemFolders, '-xdev']).split('\n');
  return new Set(paths.filter((path) => path !== '' && !recordsOfTheSystem.test(path)));
}

/** Files of the person that the app has made: they stay after it is removed. */
function dataOfThePerson() {
  return readdirSync(home)
    .flatMap((name) =>
      name === '.config' || name === '.cache'
        ? readdirSync(join(home, name)).map((entry) => join(name, entry))
        : [name],
    )
    .filter((name) => /sara/i.test(name));
}

function makeUser() {
  if (spawnSync('id', [user]).status !== 0) execute('useradd', ['--create-home', '--shell', '/bin/bash', user]);
  const model = join('models', 'smollm2-135m-instruct');
  if (!existsSync(join(cacheFolder(), model))) throw new SetupError('SmolLM2 is not in the cache: run npm test once.');
  mkdirSync(join(home, '.cache', 'sara-studio', 'models'), { recursive: true });
  cpSync(join(cacheFolder(), model), join(home, '.cache', 'sara-studio', model), { recursive: true });
  execute('chown', ['--recursive', `${user}:${user}`, home]);
}

/**
 * One way to install: what is done, what is started, and how it is undone.
 * @typedef {{ name: string, whole: boolean, prepare?: (file: string) => void, install: (file: string) => string,
 *   remove: (file: string) => void }} Way
 */

const unpacked = join(home, 'unpacked');

/** @param {(file: string) => void} unpack @returns {Pick<Way, 'install' | 'remove'>} */
function unpackedBy(unpack) {
  return {
    install(file) {
      mkdirSync(unpacked);
      unpack(file);
      execute('chown', ['--recursive', `${user}:${user}`, unpacked]);
      const programs = execute('find', [unpacked, '-name', 'sara-studio', '-type', 'f', '-perm', '-u+x'])
        .trim()
        .split('\n');
      if (programs.length !== 1 || programs[0] === '') throw new Error(`${file} holds ${programs.length} programs.`);
      return programs[0] ?? '';
    },
    remove: () => rmSync(unpacked, { recursive: true }),
  };
}

/** @type {Record<string, Way>} */
const ways = {
  '.deb': {
    name: 'deb',
    whole: true,
    // What it depends on stays when it is removed, as with every package.
    prepare: (file) => {
      const depends = execute('dpkg-deb', ['--field', file, 'Depends']).trim();
      execute('apt-get', ['satisfy', '--yes', '--no-install-recommends', depends]);
    },
    install(file) {
      execute('dpkg', ['--install', file]);
      return '/usr/bin/sara-studio';
    },
    remove: (file) => {
      execute('dpkg', ['--purge', execute('dpkg-deb', ['--field', file, 'Package']).trim()]);
    },
  },
  '.rpm': {
    name: 'rpm',
    whole: false,
    ...unpackedBy((file) => {
      for (const needed of ['/opt/SARA Studio/sara-studio', '/usr/share/applications/sara-studio.desktop']) {
        if (!execute('rpm', ['-qpl', file]).includes(needed)) throw new Error(`${needed} is not in the package.`);
      }
      execute('sh', ['-c', 'rpm2archive - < "$2" | tar -xz -C "$1"', 'sh', unpacked, file]);
    }),
  },
  '.tar.gz': { name: 'tar.gz', whole: false, ...unpackedBy((file) => execute('tar', ['-xzf', file, '-C', unpacked])) },
  '.zip': {
    name: 'zip',
    whole: false,
    ...unpackedBy((file) => execute('unzip', ['-q', file, '-d', unpacked])),
  },
};

/**
 * @param {string} file
 * @param {Way} way
 * @param {string} display
 */
async function check(file, { name, whole, prepare: prepareFor, install, remove }, display) {
  const { size } = statSync(file);
  if (size > sizeBudget) throw new Error(`${file} has ${megabytes(size)}, more than ${megabytes(sizeBudget)}.`);
  prepareFor?.(file);
  const before = systemFiles();
  const program = install(file);
  /** @type {Record<string, unknown>} */
  let facts;
  try {
    const inside = await insideFacts(dirname(realpathSync(program)));
    facts = { ...(await useApp({ program, user, home, display, whole })), ...inside };
    if (name === 'deb') facts = { ...facts, ...desktopFacts() };
  } finally {
    remove(file);
  }
  const left = [...systemFiles()].filter((path) => !before.has(path));
  if (left.length > 0) throw new Error(`${name} leaves behind: ${left.slice(0, 10).join(', ')}`);
  return { name, bytes: size, ...facts, left: left.length, kept: dataOfThePerson() };
}

/**
 * What the program is made of: its size, fuses, archive and licences.
 * @param {string} folder
 */
async function insideFacts(folder) {
  const bytes = folderBytes(folder);
  if (bytes > installedBudget)
    throw new Error(`${folder} has ${megabytes(bytes)}, more than ${megabytes(installedBudget)}.`);
  const wire = await getCurrentFuseWire(join(folder, 'sara-studio'));
  const { RunAsNode, EnableNodeOptionsEnvironmentVariable, EnableNodeCliInspectArguments, ...more } = FuseV1Options;
  const on = [more.EnableCookieEncryption, more.EnableEmbeddedAsarIntegrityValidation, more.OnlyLoadAppFromAsar];
  const off = [RunAsNode, EnableNodeOptionsEnvironmentVariable, EnableNodeCliInspectArguments];
  off.push(more.LoadBrowserProcessSpecificV8Snapshot, more.GrantFileProtocolExtraPrivileges);
  const wrong = [...on, ...off].filter((fuse) => {
    // An older Electron has a shorter wire; what it lacks it cannot do.
    return wire[fuse] !== undefined && wire[fuse] !== (on.includes(fuse) ? '1' : '0').charCodeAt(0);
  });
  if (wrong.length > 0) throw new Error(`Fuses are not set: ${wrong.map((fuse) => FuseV1Options[fuse]).join(', ')}.`);
  const resources = join(folder, 'resources');
  const needed = [
    'app.asar',
    join('app.asar.unpacked', 'node_modules', '@tensorflow'),
    join('licences', 'packages.txt'),
  ];
  for (const name of [...needed, join('licences', 'LICENSE'), join('licences', 'tensorflow')]) {
    if (!existsSync(join(resources, name))) throw new Error(`${name} is not in ${resources}.`);
  }
  return { installedBytes: bytes, fuses: on.length + off.length };
}

/** What the desktop knows about the installed app. */
function desktopFacts() {
  const entry = readFileSync('/usr/share/applications/sara-studio.desktop', 'utf8');
  for (const needed of ['application/x-gguf', 'application/x-safetensors', '%U', 'Icon=sara-studio']) {
    if (!entry.includes(needed)) throw new Error(`The desktop entry has no ${needed}.`);
  }
  const types = readFileSync('/usr/share/mime/packages/sara-studio.xml', 'utf8');
  if (!types.includes('*.gguf') || !types.includes('*.safetensors'))
    throw new Error('The file types are not described.');
  const resources = '/opt/SARA Studio/resources/licences';
  for (const needed of ['LICENSE', 'THIRD_PARTY.md', 'tensorflow']) {
    if (!existsSync(join(resources, needed))) throw new Error(`${needed} is not among the licences.`);
  }
  return { desktop: true };
}

await runProgram(async () => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new SetupError('This installs packages: it needs Linux and root.', 2);
  const folder = join(root, 'release', 'app');
  if (!process.argv.includes('--built')) {
    await prepare({ window: true, engine: true });
    await buildChanged(bundleNames);
    const targets = ['deb', 'tar.gz', 'zip', ...(findProgram('rpmbuild') === undefined ? [] : ['rpm'])];
    await packageApp({ forTests: false, targets });
  }
  const files = readdirSync(folder).filter((name) => Object.keys(ways).some((ending) => name.endsWith(ending)));
  if (files.length === 0) throw new SetupError(`There is no installer in ${folder}.`);
  makeUser();
  const display = await startVirtualDisplay();
  const results = [];
  try {
    for (const name of files) {
      const [, way] = Object.entries(ways).find(([ending]) => name.endsWith(ending)) ?? [];
      if (way === undefined) continue;
      say(`${name}, ${megabytes(statSync(join(folder, name)).size)}`);
      const result = await check(join(folder, name), way, display.name);
      results.push(result);
      say(JSON.stringify(result));
    }
  } finally {
    display.stop();
    spawnSync('userdel', ['--remove', user]);
  }
  mkdirSync(join(root, 'test-results'), { recursive: true });
  writeFileSync(join(root, 'test-results', 'installers.json'), `${JSON.stringify(results, null, 2)}\n`);
  return 0;
});
