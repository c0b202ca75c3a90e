/** Publishing against a server that speaks the hub's protocol, with what goes wrong on real networks. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProgressEvent } from '../../../src-main/contract/results.ts';
import { publish, type PublishRequest } from '../../../src-main/publish/publish.ts';
import type { Patience } from '../../../src-main/publish/patientFetch.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { noSignal } from '../../support/tensorBackend.ts';
import { hubToken, startUploadHub, type UploadHub } from '../../support/uploadHub.ts';

const patience: Patience = { attempts: 4, firstDelay: 5, stall: 400 };
let folder = '';
let hub: UploadHub;
let events: ProgressEvent[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-publish-'));
  // One object in one piece, one in three parts, and small files that travel with the commit.
  await writeFile(path.join(folder, 'adapter.safetensors'), bytes(120_000, 1));
  await writeFile(path.join(folder, 'model.gguf'), bytes(500_001, 2));
  await writeFile(path.join(folder, 'README.md'), '---\nlibrary_name: gguf\n---\n');
  await writeFile(path.join(folder, '.hidden'), 'stays here');
  hub = await startUploadHub();
  events = [];
});
afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true });
});

function bytes(length: number, seed: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 255));
}

async function run(request: Partial<PublishRequest> = {}, signal: AbortSignal = noSignal) {
  const whole = { path: folder, repo: 'tuned', private: true, token: hubToken, ...request };
  return publish(whole, hub.url, (event) => events.push(event), signal, patience);
}

const puts = (): string[] => hub.requests.filter((line) => line.startsWith('PUT '));

async function expectArrived(name = 'mara/tuned'): Promise<void> {
  const files = hub.repositories.get(name)?.files ?? new Map<string, Buffer>();
  expect([...files.keys()].sort()).toEqual(['README.md', 'adapter.safetensors', 'model.gguf']);
  for (const [file, content] of files) expect(content.equals(await readFile(path.join(folder, file)))).toBe(true);
}

test('a folder arrives byte for byte in a private repository, large files in one piece and in parts', async () => {
  const result = await run();
  expect(result).toMatchObject({ repo: 'mara/tuned', private: true, retries: 0, url: `${hub.url}/mara/tuned` });
  expect(hub.repositories.get('mara/tuned')?.private).toBe(true);
  await expectArrived();
  expect(puts()).toHaveLength(1 + 3);
  expect(hub.leaks).toEqual([]);
  const uploads = events.filter(({ phase }) => phase === 'Uploading');
  expect(uploads.at(-1)).toEqual({ phase: 'Uploading', done: 620_001, total: 620_001 });
});

test('one GGUF file is published alone, under the namespace that is named', async () => {
  await run({ path: path.join(folder, 'model.gguf'), repo: 'team/one', private: false });
  const repository = hub.repositories.get('team/one');
  expect([...(repository?.files.keys() ?? [])]).toEqual(['model.gguf']);
  expect(repository?.private).toBe(false);
});

describe('a fault that passes is overcome', () => {
  test.each([
    ['500 at each step', /./, 500],
    ['a busy storage', /PUT .*00002/, 503],
    ['a connection cut in the middle of a part', /PUT .*00003/, 'cut'],
    ['a connection cut in the middle of a file', /PUT \/storage\/[0-9a-f]+$/, 'cut'],
    ['a server that goes silent', /PUT .*00001/, 'silence'],
    ['a commit without an answer', /commit/, 'silence'],
    ['an upload address that has run out', /PUT .*00001/, 403],
  ] as const)('%s', async (_name, pattern, fault) => {
    hub.fail(pattern, fault);
    const result = await run();
    expect(result.retries).toBeGreaterThan(0);
    await expectArrived();
    expect(hub.leaks).toEqual([]);
  });
});

test('after an upload that broke off, a second one sends only what had not arrived', async () => {
  hub.fail(/PUT .*00002/, 'cut', 99);
  const error = await appErrorOf(run());
  expect(error.code).toBe('UPLOAD_FAILED');
  expect(error.message).not.toContain(hubToken);
  expect(hub.repositories.get('mara/tuned')?.files.size).toBe(0);
  hub.recover();
  hub.requests.length = 0;
  const result = await run();
  await expectArrived();
  expect(result.files.find(({ name }) => name === 'adapter.safetensors')?.how).toBe('present');
  expect(result.files.find(({ name }) => name === 'model.gguf')?.how).toBe('sent');
  expect(puts().every((line) => /\/0000[1-3]$/.test(line))).toBe(true);
});

test('what is there whole is not sent at all', async () => {
  await run();
  const sent = puts().length;
  const again = await run();
  expect(puts()).toHaveLength(sent);
  expect(again.files.filter(({ how }) => how === 'present').map(({ name }) => name)).toEqual([
    'adapter.safetensors',
    'model.gguf',
  ]);
});

describe('refusals say what to do and end at once', () => {
  test('a token that is not valid', async () => {
    const error = await appErrorOf(run({ token: 'hf_wrong' }));
    expect(error).toMatchObject({ code: 'HUB_REFUSED', message: expect.stringContaining('token is not valid') });
    expect(hub.requests).toHaveLength(1);
    expect(JSON.stringify(error)).not.toContain('hf_wrong');
  });

  // Bug caught: weights meant for oneself end up where everybody can read them.
  test('a public repository when a private one is wanted', async () => {
    hub.repositories.set('mara/tuned', { private: false, files: new Map(), commits: 0 });
    const error = await appErrorOf(run());
    expect(error).toMatchObject({ code: 'SETTINGS_INVALID', message: expect.stringContaining('is public') });
    expect(puts()).toEqual([]);
  });

  test('a folder without weights', async () => {
    await rm(path.join(folder, 'model.gguf'));
    await rm(path.join(folder, 'adapter.safetensors'));
    expect((await appErrorOf(run())).code).toBe('SETTINGS_INVALID');
    expect(hub.requests).toEqual([]);
  });
});

test('a cancelled upload stops, makes no commit and leaves the files alone', async () => {
  const controller = new AbortController();
  hub.fail(/PUT .*00002/, 'silence', 99);
  const publishing = run({}, controller.signal);
  await expect.poll(() => puts().length).toBeGreaterThan(2);
  controller.abort();
  expect((await appErrorOf(publishing)).code).toBe('CANCELLED');
  expect(hub.repositories.get('mara/tuned')?.commits).toBe(0);
  expect((await stat(path.join(folder, 'model.gguf'))).size).toBe(500_001);
});
