import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HubTokens } from '../../../src-main/workspace/hubTokens.ts';
import type { Cipher } from '../../../src-main/workspace/keptSecret.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';

const token = 'hf_KeepMeSecret';
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-token-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const turned = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x5a);
const keychain: Cipher = {
  available: async () => Promise.resolve(true),
  encrypt: async (text) => Promise.resolve(turned(new TextEncoder().encode(text))),
  decrypt: async (bytes) => Promise.resolve(new TextDecoder().decode(turned(bytes))),
};
const open = (cipher: Cipher): HubTokens => new HubTokens(path.join(folder, 'hub-token.bin'), cipher);

test('a token that is saved is on disk only encrypted, and is there after a restart', async () => {
  await open(keychain).save(token);
  const [file = ''] = await readdir(folder);
  expect((await readFile(path.join(folder, file))).includes(token)).toBe(false);
  const later = open(keychain);
  expect(await later.token()).toBe(token);
  const account = await later.account();
  expect(account).toMatchObject({ token: 'saved', canSave: true });
  expect(JSON.stringify(account)).not.toContain(token);
});

// Bug caught: where there is no keychain, the token is written with a key that everybody knows.
test('where the system cannot protect it, it stays in memory', async () => {
  const tokens = open({ ...keychain, available: async () => Promise.resolve(false) });
  await tokens.save(token);
  expect(await readdir(folder)).toEqual([]);
  expect(await tokens.account()).toMatchObject({ token: 'session', canSave: false });
  expect((await appErrorOf(open({ ...keychain, available: async () => Promise.resolve(false) }).token())).code).toBe(
    'SETTINGS_INVALID',
  );
});

test('a forgotten token is gone', async () => {
  const tokens = open(keychain);
  await tokens.save(token);
  await tokens.forget();
  expect(await readdir(folder)).toEqual([]);
  expect(await tokens.account()).toMatchObject({ token: 'none' });
});

test('a token goes to an encrypted address or to this computer, nowhere else', async () => {
  const tokens = open(keychain);
  vi.stubEnv('HF_ENDPOINT', 'http://hub.example.org');
  expect((await appErrorOf(tokens.account())).code).toBe('SETTINGS_INVALID');
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:8080/');
  expect((await tokens.account()).endpoint).toBe('http://127.0.0.1:8080');
  vi.stubEnv('HF_ENDPOINT', '');
  expect((await tokens.account()).endpoint).toBe('https://huggingface.co');
});
