/** What electron-builder.yml and the release workflow promise of the installers that cannot be made on this machine. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const configuration = readFileSync(join(root, 'electron-builder.yml'), 'utf8');
const workflow = readFileSync(join(root, '.github', 'workflows', 'release.yml'), 'utf8');

/** The lines of a top-level section, without comments. */
function section(name: string): string {
  const found = new RegExp(`^${name}:(.*(?:\\n(?:[ #-].*)?)*)`, 'm').exec(configuration)?.[1];
  if (found === undefined) throw new Error(`electron-builder.yml has no section ${name}.`);
  return found.replaceAll(/^\s*#.*$/gm, '');
}

describe('the installers', () => {
  it.each([
    ['linux', 'AppImage, deb, rpm, tar.gz'],
    ['win', 'nsis, zip'],
    ['mac', 'dmg, zip'],
  ])('of %s are %s, with an icon', (system, targets) => {
    expect(section(system)).toContain(`target: [${targets}]`);
    const icon = /icon: (\S+)/.exec(section(system))?.[1] ?? '';
    expect(existsSync(join(root, icon))).toBe(true);
  });

  it('have icons of every size that desktops ask for', () => {
    for (const size of [16, 32, 48, 64, 128, 256, 512, 1024]) {
      expect(statSync(join(root, 'resources', 'icons', `${size}x${size}.png`)).size).toBeGreaterThan(100);
    }
    const windows = readFileSync(join(root, 'resources', 'icons', 'icon.ico'));
    expect(windows.readUInt16LE(2)).toBe(1);
    // A width of 256 is written as 0; NSIS needs that size.
    const widths = Array.from({ length: windows.readUInt16LE(4) }, (_, i) => windows[6 + 16 * i]);
    expect(widths).toContain(0);
    expect(readFileSync(join(root, 'resources', 'icons', 'icon.icns')).toString('latin1', 0, 4)).toBe('icns');
  });

  it('open files of weights beside other programs, and no addresses', () => {
    const files = section('fileAssociations');
    for (const needed of ['ext: gguf', 'ext: safetensors', 'role: Viewer', 'rank: Alternate', 'mimeType:']) {
      expect(files).toContain(needed);
    }
    expect(configuration).not.toMatch(/^protocols:/m);
  });

  it('have every fuse set', () => {
    const fuses = Object.fromEntries(
      [...section('electronFuses').matchAll(/^\s+(\w+): (true|false)$/gm)].map(([, name, value]) => [name, value]),
    );
    expect(fuses).toEqual({
      runAsNode: 'false',
      enableCookieEncryption: 'true',
      enableNodeOptionsEnvironmentVariable: 'false',
      enableNodeCliInspectArguments: 'false',
      onlyLoadAppFromAsar: 'true',
      enableEmbeddedAsarIntegrityValidation: 'true',
      loadBrowserProcessSpecificV8Snapshot: 'false',
    });
    // The fallback Electron, which is never released, does not have this one.
    const packaging = readFileSync(join(root, 'src-main', 'setup', 'package.mjs'), 'utf8');
    expect(packaging).toContain('electronFuses.grantFileProtocolExtraPrivileges=false');
  });

  it('keep the code in an archive and native parts beside it, with samples and licences', () => {
    expect(configuration).toMatch(/^asar: true$/m);
    for (const pattern of ['*.node', 'deps/**', '*.dll']) expect(section('asarUnpack')).toContain(pattern);
    for (const folder of ['samples', 'licences', 'reference'])
      expect(section('extraResources')).toContain(`to: ${folder}`);
    expect(section('mac')).toContain('hardenedRuntime: true');
    expect(section('nsis')).toContain('deleteAppDataOnUninstall: false');
    expect(section('linux')).toContain('StartupWMClass: sara-studio');
  });

  it('are all built by the release workflow, tested first and published with checksums', () => {
    for (const system of ['ubuntu', 'windows', 'macos']) expect(workflow).toContain(`os: ${system}-`);
    for (const step of ['npm test', 'npm run audit', 'npm run package -- all', 'SARA_UPDATE_FEED', 'SHA256SUMS']) {
      expect(workflow).toContain(step);
    }
    for (const kind of ['AppImage', 'deb', 'rpm', 'tar.gz', 'zip', 'exe', 'dmg', 'yml'])
      expect(workflow).toMatch(new RegExp(`release/app/\\S*\\.${kind.replace('.', '\\.')}`));
    expect(workflow.indexOf('npm test')).toBeLessThan(workflow.indexOf('npm run package'));
  });
});
