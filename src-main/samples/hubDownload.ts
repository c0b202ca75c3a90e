/** Downloads a model's files from the Hugging Face hub, each checked against the hash the hub states. */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { downloadFile, listFiles, type ListFileEntry } from '@huggingface/hub';
import type { ProgressEvent } from '../contract/results.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { syncFolder, writeError } from '../util/fsAtomic.ts';
import { fileDigest } from './fileDigest.ts';
import type { FetchedModel } from './sampleModels.ts';

/** How long the hub may take to send the next bytes. */
const stallMilliseconds = 30_000;

export interface Hub {
  /** Undefined for the public hub. */
  readonly url: string | undefined;
  /** How long it may take to answer at all. */
  readonly answerMilliseconds: number;
}

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
  hub: Hub,
): Promise<string> {
  const entries = await wantedFiles(model, signal, hub);
  const target = path.join(folder, model.hub.folder);
  const unfinished = path.join(folder, `.${model.hub.folder}.unfinished`);
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  let before = 0;
  try {
    await mkdir(unfinished, { recursive: true });
    for (const entry of entries) {
      const done = before;
      await downloadEntry(model, entry, unfinished, hub, signal, (bytes) => {
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
async function wantedFiles(model: FetchedModel, signal: AbortSignal, hub: Hub): Promise<ListFileEntry[]> {
  const entries: ListFileEntry[] = [];
  await reaching(
    signal,
    async (fetch) => {
      const listing = listFiles({
        repo: model.hub.repository,
        fetch,
        ...(hub.url === undefined ? {} : { hubUrl: hub.url }),
      });
      for await (const entry of listing) if (model.hub.files.includes(entry.path)) entries.push(entry);
    },
    hub,
  );
  if (!entries.some((entry) => entry.path === 'config.json')) {
    throw new AppError('DOWNLOAD_FAILED', `the Hugging Face hub has no files of ${model.hub.repository}`);
  }
  return entries;
}

async function downloadEntry(
  model: FetchedModel,
  entry: ListFileEntry,
  folder: string,
  hub: Hub,
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
    await reaching(
      signal,
      async (fetch) => {
        const stream = await openStream(model, entry.path, have, hub, fetch);
        await append(part, stream, (bytes) => {
          onBytes(have + bytes);
        });
      },
      hub,
    );
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
  hub: Hub,
  fetch: typeof globalThis.fetch,
): Promise<ReadableStream<Uint8Array>> {
  const blob = await downloadFile({
    repo: model.hub.repository,
    path: file,
    // Plain HTTP ranges: they can be continued after an interruption.
    xet: false,
    fetch,
    ...(hub.url === undefined ? {} : { hubUrl: hub.url }),
  });
  if (blob === null) throw new AppError('DOWNLOAD_FAILED', `${file} is missing from the Hugging Face hub`);
  return blob.slice(from).stream() as ReadableStream<Uint8Array>;
}

/** Appends a stream to a file; what has arrived stays there when it breaks off. */
async function append(
  part: string,
  stream: ReadableStream<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const handle = await open(part, 'a');
  const reader = stream.getReader();
  let done = 0;
  try {
    for (;;) {
      const { value } = await withinTime(reader.read(), stallMilliseconds);
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

/**
 * Runs a transfer with a fetch whose answers must begin in time. The signal ends answers and bodies alike; whatever the
 * network throws becomes DOWNLOAD_FAILED.
 */
async function reaching<T>(
  signal: AbortSignal,
  action: (fetch: typeof globalThis.fetch) => Promise<T>,
  { answerMilliseconds }: Hub,
): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await action(async (input, init) => {
      const timer = setTimeout(abort, answerMilliseconds);
      try {
        return await fetch(input, { ...init, signal: controller.signal });
      } finally {
        clearTimeout(timer);
      }
    });
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof AppError || isFileError(error)) throw error;
    const reason = controller.signal.aborted ? `no answer within ${answerMilliseconds / 1000} s` : reasonOf(error);
    throw new AppError('DOWNLOAD_FAILED', `the Hugging Face hub cannot be reached (${reason})`, { cause: error });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** A full disk is no fault of the network. */
function isFileError(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EPERM'].includes(String(error.code))
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
