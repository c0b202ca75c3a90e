/** The packages that the distribution's own tools make in the place of fpm. */
import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const tool = path.join(import.meta.dirname, '..', '..', '..', 'src-main', 'setup', 'linuxPackage.mjs');
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-package-'));
  const app = path.join(folder, 'app', 'resources');
  await mkdir(app, { recursive: true });
  await writeFile(path.join(folder, 'app', 'the program'), '#!/bin/sh\n');
  await chmod(path.join(folder, 'app', 'the program'), 0o700);
  await writeFile(path.join(app, 'data'), 'x'.repeat(5000));
  await chmod(path.join(app, 'data'), 0o600);
  await writeFile(path.join(folder, 'entry.desktop'), '[Desktop Entry]\n');
  await writeFile(path.join(folder, 'after-install'), '#!/bin/sh\necho 100% installed\n');
  await writeFile(path.join(folder, 'after-remove'), '#!/bin/sh\necho removed\n');
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** As electron-builder calls it. */
async function make(target: 'deb' | 'rpm'): Promise<string> {
  const file = path.join(folder, `built.${target}`);
  const scripts = [
    '--after-install',
    path.join(folder, 'after-install'),
    '--after-remove',
    path.join(folder, 'after-remove'),
  ];
  const own =
    target === 'deb'
      ? ['--architecture', 'amd64', '--deb-priority', 'optional', '--deb-compression', 'gz']
      : ['--architecture', 'x86_64', '--rpm-os', 'linux', '--rpm-compression', 'gzip', '--rpm-summary', 'A summary'];
  const said = [
    '--description',
    'A summary\n What it does.',
    '--version',
    '1.2.3',
    '--license',
    'MIT',
    '--url',
    'https://a.b',
  ];
  const named = ['--name', 'an-app', '--maintainer', 'Mara <m@a.b>', '--vendor', 'Mara', '--category', 'science'];
  const trees = [
    `${path.join(folder, 'app')}/=/opt/An App`,
    `${path.join(folder, 'entry.desktop')}=/usr/share/applications/an-app.desktop`,
  ];
  await run(tool, [
    '-s',
    'dir',
    '--force',
    '-t',
    target,
    '-d',
    'libc6',
    ...own,
    ...scripts,
    ...said,
    ...named,
    '--package',
    file,
    ...trees,
  ]);
  return file;
}

// Bug caught: files that only the builder may read, which an ordinary user then cannot start.
test.skipIf(!has('dpkg-deb'))(
  'a deb file holds the tree readable for everybody, its facts and its scripts',
  async () => {
    const file = await make('deb');
    const { stdout: listed } = await run('dpkg-deb', ['--contents', file]);
    expect(listed).toMatch(/-rwxr-xr-x root\/root .* \.\/opt\/An App\/the program/);
    expect(listed).toMatch(/-rw-r--r-- root\/root .* \.\/opt\/An App\/resources\/data/);
    expect(listed).toMatch(/\.\/usr\/share\/applications\/an-app\.desktop/);
    const { stdout: fields } = await run('dpkg-deb', ['--field', file]);
    expect(fields).toMatch(/^Package: an-app\nVersion: 1\.2\.3\nArchitecture: amd64\n/);
    expect(fields).toMatch(/^Depends: libc6$/m);
    expect(fields).toMatch(/^Description: A summary\n What it does\.$/m);
    const control = path.join(folder, 'control');
    await run('dpkg-deb', ['--control', file, control]);
    expect(await readFile(path.join(control, 'postinst'), 'utf8')).toContain('100% installed');
    expect(await readFile(path.join(control, 'postrm'), 'utf8')).toContain('removed');
  },
);

test.skipIf(!has('rpmbuild'))('an rpm file holds the same, and keeps what an update has set up', async () => {
  const file = await make('rpm');
  const { stdout: listed } = await run('rpm', ['-qp', '--qf', '[%{FILEMODES:perms} %{FILENAMES}\n]', file]);
  expect(listed.trim().split('\n').sort()).toEqual([
    '-rw-r--r-- /opt/An App/resources/data',
    '-rw-r--r-- /usr/share/applications/an-app.desktop',
    '-rwxr-xr-x /opt/An App/the program',
    'drwxr-xr-x /opt/An App',
    'drwxr-xr-x /opt/An App/resources',
  ]);
  const { stdout: scripts } = await run('rpm', ['-qp', '--scripts', file]);
  expect(scripts).toContain('100% installed');
  expect(scripts).toMatch(/\[ "\$1" = 0 \] \|\| exit 0\n(.*\n)*echo removed/);
  const { stdout: needs } = await run('rpm', ['-qp', '--requires', file]);
  expect(needs).toContain('libc6');
});
