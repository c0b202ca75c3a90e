import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockfileFaults } from '../../../src-main/setup/lockfile.mjs';

const root = join(import.meta.dirname, '..', '..', '..');
const npmrc = 'ignore-scripts=true\n';
const good = { integrity: 'sha512-abc' };

describe('the lockfile', () => {
  it('of this project has checksums, comes from the registry and runs nothing when it is installed', () => {
    const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Parameters<
      typeof lockfileFaults
    >[0];
    expect(lockfileFaults(lockfile, readFileSync(join(root, '.npmrc'), 'utf8'))).toEqual([]);
    expect(Object.keys(lockfile.packages).length).toBeGreaterThan(100);
  });

  it.each([
    ['without a checksum', { 'node_modules/a': {} }, 'no SHA-512'],
    ['with a weak one', { 'node_modules/a': { integrity: 'sha1-abc' } }, 'no SHA-512'],
    ['from elsewhere', { 'node_modules/a': { ...good, resolved: 'git+ssh://git@example.com/a.git' } }, 'registry'],
    ['that is a link', { 'node_modules/a': { link: true } }, 'a link'],
    [
      'with an install script',
      { 'node_modules/x/node_modules/a': { ...good, hasInstallScript: true } },
      'install script',
    ],
    ['of the remote module', { 'node_modules/@electron/remote': good }, 'must not be'],
  ])('refuses a package %s', (_name, packages, fault) => {
    expect(lockfileFaults({ packages }, npmrc)).toEqual([expect.stringContaining(fault)]);
    expect(lockfileFaults({ packages: { '': {}, 'node_modules/a': good } }, npmrc)).toEqual([]);
  });

  it('refuses settings that let packages run programs', () => {
    expect(lockfileFaults({ packages: {} }, 'audit=false\n')).toHaveLength(1);
  });
});
