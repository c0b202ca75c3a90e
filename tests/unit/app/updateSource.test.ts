import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { feedAddress, whyNoUpdates, type Installation } from '../../../src-main/app/updateSource.ts';

let resources = '';
beforeEach(() => (resources = mkdtempSync(path.join(os.tmpdir(), 'sara-updates-'))));
afterEach(() => rmSync(resources, { recursive: true }));

function withFeed(address: string): void {
  writeFileSync(path.join(resources, 'app-update.yml'), `provider: generic\nurl: ${address}\nupdaterCacheDirName: x\n`);
}

function installation(given: Partial<Installation> = {}): Installation {
  const program = path.join(resources, '..', 'sara-studio');
  return { platform: 'linux', packaged: true, resources, program, environment: {}, ...given };
}

describe('the address of newer versions', () => {
  it.each([
    'https://example.com/feed',
    "'https://example.com/feed'",
    'http://127.0.0.1:4000',
    'http://localhost:4000/a',
  ])('is taken when it is encrypted or of this computer: %s', (address) => {
    withFeed(address);
    expect(feedAddress(resources)).toBe(address.replaceAll("'", ''));
  });

  it.each([
    'http://example.com/feed',
    'ftp://example.com',
    'file:///tmp',
    'http://127.0.0.1.example.com',
    'nonsense',
    '',
  ])('is not taken otherwise: %s', (address) => {
    withFeed(address);
    expect(feedAddress(resources)).toBeUndefined();
  });

  it('is none where the build has none', () => {
    expect(feedAddress(resources)).toBeUndefined();
  });
});

describe('a copy of the app', () => {
  it('says why it brings no newer versions', () => {
    expect(whyNoUpdates(installation({ packaged: false }))).toBe('source');
    expect(whyNoUpdates(installation())).toBe('no-address');
    withFeed('https://example.com/feed');
    expect(whyNoUpdates(installation())).toBe('unpacked');
    expect(whyNoUpdates(installation({ platform: 'win32' }))).toBe('unpacked');
    // An archive may hold the file that tells a package, too.
    writeFileSync(path.join(resources, 'package-type'), 'deb');
    expect(whyNoUpdates(installation())).toBe('unpacked');
  });

  it('brings them where an installer has put it in its place', () => {
    withFeed('https://example.com/feed');
    expect(whyNoUpdates(installation({ environment: { APPIMAGE: '/home/mara/SARA.AppImage' } }))).toBeUndefined();
    expect(whyNoUpdates(installation({ platform: 'darwin' }))).toBeUndefined();
    writeFileSync(path.join(resources, 'Uninstall SARA Studio.exe'), '');
    const program = path.join(resources, 'SARA Studio.exe');
    expect(whyNoUpdates(installation({ platform: 'win32', program }))).toBeUndefined();
  });
});
