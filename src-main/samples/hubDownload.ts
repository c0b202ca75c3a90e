/** Downloads a model's files from the Hugging Face hub, each checked against the hash the hub states. */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { downloadFile, listFiles, type ListFileEntry } from '@huggingface/hub';
import type { ProgressEvent } from '../contract/results.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { syncFolder, writeError } from '../util/fsAtomic.ts';
import { fileDigest } from './fileDigest.ts';
import type { FetchedModel } from './sampleModels.ts';

/** How long the hub may take to answer at all, and to send the next bytes. */
const answerMilliseconds = 6_000;
const stallMilliseconds = 30_000;

const phase = 'Downloading from the Hugging Face hub';

/**
 * @param folder where the finished model folder is put; unfinished files wait beside it and are continued
 * @throws AppError DOWNLOAD_FAILED, CANCELLED, DISK_FULL, NOT_WRITABLE
 */
export async function downloadFromHub(
  model: FetchedModel,
  folder: string,
  onProgress: (event: ProgressEvent) => void,
  signal: AbortSignal,
  hubUrl: string | undefined,
): Promise<string> {
  const entries = await wantedFiles(model, signal, hubUrl);
  const target = path.join(folder, model.hub.folder);
  const unfinished = path.join(folder, `.${model.hub.folder}.unfinished`);
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  let before = 0;
  try {
    await mkdir(unfinished, { recursive: true });
    for (const entry of entries) {
      const done = before;
      await downloadEntry(model, entry, unfinished, hubUrl, signal, (bytes) => {
        onProgress({ phase, done: done + bytes, total });
      });
      before += entry.size;
    }
    await rename(unfinished, target);
    await syncFolder(folder);
  } catch (error) {
    throw writeError(target, error);
  }
  return target;
}

/** The files to take. Asking for the list is also the probe whether the hub can be reached. */
async function wantedFiles(
  model: FetchedModel,
  signal: AbortSignal,
  hubUrl: string | undefined,
): Promise<ListFileEntry[]> {
  const entries: ListFileEntry[] = [];
  await reaching(signal, async () => {
    const listing = listFiles({
      repo: model.hub.repository,
      fetch: fetchWithin(signal, answerMilliseconds),
      ...(hubUrl === undefined ? {} : { hubUrl }),
    });
    for await (const entry of listing) if (model.hub.files.includes(entry.path)) entries.push(entry);
  });
  if (!entries.some((entry) => entry.path === 'config.json')) {
    throw new AppError('DOWNLOAD_FAILED', `the Hugging Face hub has no files of ${model.hub.repository}`);
  }
  return entries;
}

async function downloadEntry(
  model: FetchedModel,
  entry: ListFileEntry,
  folder: string,
  hubUrl: string | undefined,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const finished = path.join(folder, entry.path);
  if ((await sizeOf(finished)) === entry.size) {
    onBytes(entry.size);
    return;
  }
  const part = `${finished}.part`;
  let have = (await sizeOf(part)) ?? 0;
  if (have > entry.size) {
    await rm(part);
    have = 0;
  }
  onBytes(have);
  if (have < entry.size) {
    const stream = await reaching(signal, () => openStream(model, entry.path, have, hubUrl, signal));
    await append(part, stream, signal, (bytes) => {
      onBytes(have + bytes);
    });
  }
  if (!(await isAsStated(part, entry, signal))) {
    await rm(part, { force: true });
    throw new AppError('DOWNLOAD_FAILED', `${entry.path} from the Hugging Face hub does not match its hash`);
  }
  await rename(part, finished);
}

async function openStream(
  model: FetchedModel,
  file: string,
  from: number,
  hubUrl: string | undefined,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const blob = await downloadFile({
    repo: model.hub.repository,
    path: file,
    // Plain HTTP ranges: they can be continued after an interruption.
    xet: false,
    fetch: fetchWithin(signal, answerMilliseconds),
    ...(hubUrl === undefined ? {} : { hubUrl }),
  });
  if (blob === null) throw new AppError('DOWNLOAD_FAILED', `${file} is missing from the Hugging Face hub`);
  return blob.slice(from).stream() as ReadableStream<Uint8Array>;
}

/** Appends a stream to a file; what has arrived stays there when it breaks off. */
async function append(
  part: string,
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const handle = await open(part, 'a');
  const reader = stream.getReader();
  let done = 0;
  try {
    for (;;) {
      const { value } = await reaching(signal, () => withinTime(reader.read(), stallMilliseconds));
      if (value === undefined) break;
      await handle.appendFile(value);
      done += value.byteLength;
      onBytes(done);
    }
    await handle.sync();
  } finally {
    await handle.close();
    // Ends the request; its own failure has been told by read().
    reader.cancel().catch(() => undefined);
  }
}

/** sha256 for large files, git's object id for the others. */
async function isAsStated(file: string, entry: ListFileEntry, signal: AbortSignal): Promise<boolean> {
  if ((await sizeOf(file)) !== entry.size) return false;
  if (entry.lfs !== undefined) return (await fileDigest(file, 'sha256', signal)) === entry.lfs.oid;
  return (await fileDigest(file, 'sha1', signal, `blob ${entry.size}\0`)) === entry.oid;
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch {
    return undefined;
  }
}

/** A fetch whose answer must begin in time. The body may take longer; `signal` ends both. */
function fetchWithin(signal: AbortSignal, milliseconds: number): typeof fetch {
  return async (input, init) => {
    const controller = new AbortController();
    const abort = (): void => {
      controller.abort();
    };
    const timer = setTimeout(abort, milliseconds);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await fetch(input, { ...init, signal: controller.signal });
    } finally {
      clearTimeout(timer);
    }
  };
}

async function withinTime<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no data for ${milliseconds / 1000} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whatever the network throws becomes DOWNLOAD_FAILED. */
async function reaching<T>(signal: AbortSignal, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof AppError) throw error;
    throw new AppError('DOWNLOAD_FAILED', `the Hugging Face hub cannot be reached (${reasonOf(error)})`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return `no answer within ${answerMilliseconds / 1000} s`;
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
