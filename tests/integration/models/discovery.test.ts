/** Models of other programs, found in homes laid out as those programs leave them. */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { searchLimits } from '../../../src-main/models/discovery/budget.ts';
import { findModels } from '../../../src-main/models/discovery/findModels.ts';
import { usualFolders } from '../../../src-main/models/discovery/usualFolders.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { systemClock } from '../../../src-main/util/clock.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { goldenPath } from '../../support/goldenPath.ts';
import { noSignal } from '../../support/tensorBackend.ts';

const gguf = goldenPath('llama', 'base-f32.gguf');
const otherGguf = goldenPath('gpt2', 'base-f32.gguf');
let home = '';
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'sara-home-'));
});
afterEach(async () => rm(home, { recursive: true }));

async function find(environment: Record<string, string> = {}, signal = noSignal) {
  return findModels(signal, systemClock, usualFolders(environment, home, 'darwin'));
}

async function ollamaModel(folder: string, file: string, ...names: string[]): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  const blob = path.join(folder, 'blobs', `sha256-${digest}`);
  await mkdir(path.dirname(blob), { recursive: true });
  await cp(file, blob);
  const manifest = {
    schemaVersion: 2,
    layers: [
      { mediaType: 'application/vnd.ollama.image.template', digest: `sha256:${'0'.repeat(64)}`, size: 3 },
      { mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}`, size: 1 },
    ],
  };
  for (const name of names) {
    const place = path.join(folder, 'manifests', ...name.split('/'));
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, JSON.stringify(manifest));
  }
  return blob;
}

test('models of each program are found under the names their programs give them, and nothing is written', async () => {
  const ollama = path.join(home, '.ollama', 'models');
  const blob = await ollamaModel(
    ollama,
    gguf,
    'registry.ollama.ai/library/tiny/1b',
    'registry.ollama.ai/library/tiny/latest',
  );
  const studio = path.join(home, '.lmstudio', 'models', 'someone', 'gpt2-GGUF');
  await mkdir(studio, { recursive: true });
  await cp(otherGguf, path.join(studio, 'gpt2.gguf'));
  await writeFile(path.join(studio, 'mmproj-gpt2-f16.gguf'), 'a projector of images');
  const snapshots = path.join(home, '.cache', 'huggingface', 'hub', 'models--org--tiny-model');
  await mkdir(path.join(snapshots, 'snapshots'), { recursive: true });
  await mkdir(path.join(snapshots, 'refs'));
  await writeFile(path.join(snapshots, 'refs', 'main'), 'abc123');
  await cp(goldenPath('qwen2', 'model'), path.join(snapshots, 'snapshots', 'abc123'), { recursive: true });
  await cp(goldenPath('qwen2', 'model'), path.join(snapshots, 'snapshots', 'fff999'), { recursive: true });
  const before = (await readdir(home, { recursive: true })).sort();
  const { models, searched, cut } = await find();
  expect(models).toEqual([
    expect.objectContaining({
      place: 'ollama',
      name: 'tiny:1b, tiny:latest',
      path: blob,
      format: 'gguf',
      family: 'llama',
      type: 'F32',
      trainable: true,
    }),
    expect.objectContaining({
      place: 'lm-studio',
      name: 'someone/gpt2-GGUF/gpt2.gguf',
      family: 'gpt2',
      trainable: true,
    }),
    expect.objectContaining({
      place: 'hugging-face',
      name: 'org/tiny-model',
      path: path.join(snapshots, 'snapshots', 'abc123'),
      format: 'hf',
      trainable: true,
    }),
  ]);
  expect(searched).toHaveLength(3);
  expect(cut).toBe(false);
  expect((await readdir(home, { recursive: true })).sort()).toEqual(before);
});

// Bug caught: a blob is called by its hash in the window, on model cards and in file names.
test('a model of Ollama keeps its name when it is opened', async () => {
  const blob = await ollamaModel(path.join(home, 'm'), gguf, 'registry.ollama.ai/library/tiny/1b', 'hf.co/org/x/Q4_0');
  const model = await openModel(blob, noSignal);
  expect(['tiny:1b', 'hf.co/org/x:Q4_0']).toContain(model.summary.name);
  await model.close();
});

test('folders that the person has set are looked into', async () => {
  await ollamaModel(path.join(home, 'elsewhere'), gguf, 'registry.ollama.ai/library/tiny/1b');
  await mkdir(path.join(home, 'llama'));
  await cp(otherGguf, path.join(home, 'llama', 'org_gpt2.gguf'));
  const { models } = await find({
    OLLAMA_MODELS: path.join(home, 'elsewhere'),
    LLAMA_CACHE: path.join(home, 'llama'),
  });
  expect(models.map(({ place, name }) => [place, name])).toEqual([
    ['ollama', 'tiny:1b'],
    ['llama.cpp', 'org_gpt2.gguf'],
  ]);
});

test('what cannot be used is listed with the reason that the Model step gives', async () => {
  const folder = path.join(home, '.lmstudio', 'models');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'broken.gguf'), 'GGUF and nothing more');
  const [found] = (await find()).models;
  const opened = await appErrorOf(openModel(path.join(folder, 'broken.gguf'), noSignal));
  expect(found).toMatchObject({ trainable: false, reason: opened.message, bytes: 21 });
});

describe('the search', () => {
  test('does not follow links to folders and ignores manifests that name anything but a hash', async () => {
    const folder = path.join(home, '.lmstudio', 'models');
    await mkdir(folder, { recursive: true });
    await symlink(home, path.join(folder, 'loop'));
    const ollama = path.join(home, '.ollama', 'models');
    const manifest = path.join(ollama, 'manifests', 'registry.ollama.ai', 'library', 'evil', '1');
    await mkdir(path.dirname(manifest), { recursive: true });
    await mkdir(path.join(ollama, 'blobs'));
    const layer = { mediaType: 'application/vnd.ollama.image.model', digest: 'sha256:../../../secret' };
    await writeFile(manifest, JSON.stringify({ layers: [layer] }));
    await cp(gguf, path.join(home, 'secret'));
    expect((await find()).models).toEqual([]);
  });

  test('ends at its bounds and says so', async () => {
    const folder = path.join(home, '.lmstudio', 'models');
    await mkdir(folder, { recursive: true });
    await cp(gguf, path.join(folder, 'a.gguf'));
    let now = 0;
    const slow = { now: () => (now += searchLimits.milliseconds / 2) };
    const found = await findModels(noSignal, slow, usualFolders({}, home, 'linux'));
    expect(found.cut).toBe(true);
  });

  test('can be cancelled', async () => {
    await ollamaModel(path.join(home, '.ollama', 'models'), gguf, 'registry.ollama.ai/library/tiny/1b');
    const controller = new AbortController();
    controller.abort();
    expect((await appErrorOf(find({}, controller.signal))).code).toBe('CANCELLED');
  });
});
