/** A fetch for long uploads: what fails for a moment is tried again, what stalls is ended, what was sent is counted. */
import { setMaxListeners } from 'node:events';
import { throwIfCancelled } from '../util/appError.ts';
import { CountedBlob } from './countedBlob.ts';

export interface Patience {
  /** Tries of one request in all. */
  readonly attempts: number;
  /** Milliseconds before try 2; doubled before each further one. */
  readonly firstDelay: number;
  /** Milliseconds without a byte sent or an answer after which a try has failed. */
  readonly stall: number;
}

export const usualPatience: Patience = { attempts: 6, firstDelay: 500, stall: 60_000 };

/** The longest a server may ask to wait. */
const longestWait = 60_000;
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

export interface UploadWatch {
  /** A request is tried again. */
  onRetry(): void;
  /** Bytes of a file that are under way in one part; begins anew at 0 with each try. */
  onSent(path: string, part: number, bytes: number): void;
}

/** An address for an upload has run out; a new one comes with the next request for addresses. */
export class AddressExpired extends Error {}

type Fetch = typeof globalThis.fetch;

/** What the library for the hub adds to the requests that carry files. */
interface ProgressHint {
  readonly path?: string;
  readonly part?: number;
}

/**
 * @param signal ends waiting and requests alike
 */
export function patientFetch(patience: Patience, watch: UploadWatch, signal: AbortSignal): Fetch {
  return async (input, init) => {
    for (let attempt = 1; ; attempt++) {
      throwIfCancelled(signal);
      let wait = patience.firstDelay * 2 ** (attempt - 1);
      try {
        const response = await tryOnce(input, init, patience.stall, watch, signal);
        if (response.status === 403 && init?.method === 'PUT') throw new AddressExpired();
        if (!passing.has(response.status) || attempt >= patience.attempts) return response;
        const asked = Number(response.headers.get('retry-after'));
        if (asked > 0) wait = Math.min(asked * 1000, longestWait);
      } catch (error) {
        throwIfCancelled(signal);
        const final = error instanceof AddressExpired || init?.signal?.aborted === true;
        if (final || attempt >= patience.attempts) throw error;
      }
      watch.onRetry();
      await pause(wait, signal);
    }
  };
}

async function tryOnce(
  input: Parameters<Fetch>[0],
  init: RequestInit | undefined,
  stall: number,
  watch: UploadWatch,
  signal: AbortSignal,
): Promise<Response> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const signals = [signal, ...(init?.signal ? [init.signal] : [])];
  // Many parts are under way at once; that is no leak.
  setMaxListeners(0, ...signals);
  for (const one of signals) one.addEventListener('abort', abort, { once: true });
  if (signals.some((one) => one.aborted)) abort();
  const timer = setTimeout(abort, stall);
  try {
    const body = counted(init, watch, () => timer.refresh());
    const response = await fetch(input, {
      ...init,
      ...(body === undefined ? {} : { body }),
      signal: controller.signal,
    });
    timer.refresh();
    // Read here, so that an answer that breaks off counts as a failed try. Answers of the hub are small.
    const text = await response.text();
    const empty = text === '' || response.status === 204;
    return new Response(empty ? null : text, { status: response.status, headers: response.headers });
  } finally {
    clearTimeout(timer);
    for (const one of signals) one.removeEventListener('abort', abort);
  }
}

/** The body of a request, telling how much of it was sent; undefined for those without a file. */
function counted(init: RequestInit | undefined, watch: UploadWatch, onAny: () => void): Blob | undefined {
  if (!(init?.body instanceof Blob)) return undefined;
  const { path, part = 0 } = (init as { progressHint?: ProgressHint }).progressHint ?? {};
  let sent = 0;
  const tell = (): void => {
    if (path !== undefined) watch.onSent(path, part, sent);
  };
  tell();
  return new CountedBlob(init.body, (bytes) => {
    sent += bytes;
    onAny();
    tell();
  });
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}
