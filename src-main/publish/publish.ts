/** Puts an export on the Hugging Face hub: one commit, its large files through the hub’s LFS interface. */
import { pathToFileURL } from 'node:url';
import { commitIter, type CommitOutput } from '@huggingface/hub';
import type { PublishResult } from '../contract/hub.ts';
import type { ProgressEvent } from '../contract/results.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import { filesToPublish, type FileToPublish } from './filesToPublish.ts';
import { hubFailure } from './hubFailure.ts';
import { AddressExpired, patientFetch, usualPatience, type Patience } from './patientFetch.ts';
import { ensureRepository, fullName, type HubAccess } from './repository.ts';
import { UploadProgress } from './uploadProgress.ts';

export interface PublishRequest {
  readonly path: string;
  readonly repo: string;
  readonly private: boolean;
  readonly token: string;
}

/** How often a commit is begun anew because upload addresses have run out. */
const mostRestarts = 2;

/**
 * Asks the hub which files it has already, sends the others and commits. A second call after a cut sends only what has
 * not arrived.
 * @throws AppError HUB_REFUSED, UPLOAD_FAILED, SETTINGS_INVALID, FILE_NOT_FOUND, CANCELLED
 */
export async function publish(
  request: PublishRequest,
  endpoint: string,
  onProgress: (event: ProgressEvent) => void,
  signal: AbortSignal,
  patience: Patience = usualPatience,
): Promise<PublishResult> {
  const files = await filesToPublish(request.path);
  const progress = new UploadProgress(files, onProgress);
  const access = { endpoint, token: request.token, fetch: patientFetch(patience, progress, signal) };
  try {
    const repo = await fullName(access, request.repo);
    const isPrivate = await ensureRepository(access, repo, request.private);
    const { commit } = await commitFiles(access, repo, files, progress, signal);
    return {
      repo,
      url: `${endpoint}/${repo}`,
      commit: commit.oid,
      private: isPrivate,
      files: files.map(({ name, bytes }) => ({ name, bytes, how: progress.wasPresent(name) ? 'present' : 'sent' })),
      retries: progress.retries,
    };
  } catch (error) {
    throwIfCancelled(signal);
    throw hubFailure(error, endpoint);
  }
}

async function commitFiles(
  access: HubAccess,
  repo: string,
  files: readonly FileToPublish[],
  progress: UploadProgress,
  signal: AbortSignal,
): Promise<CommitOutput> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await commitOnce(access, repo, files, progress, signal);
    } catch (error) {
      if (!(error instanceof AddressExpired) || restarts >= mostRestarts) throw error;
      progress.onRetry();
    }
  }
}

async function commitOnce(
  { endpoint, token, fetch }: HubAccess,
  repo: string,
  files: readonly FileToPublish[],
  progress: UploadProgress,
  signal: AbortSignal,
): Promise<CommitOutput> {
  const steps = commitIter({
    accessToken: token,
    hubUrl: endpoint,
    repo,
    title: 'Upload with SARA Studio',
    operations: files.map(({ name, path }) => ({
      operation: 'addOrUpdate',
      path: name,
      content: pathToFileURL(path),
    })),
    // Plain LFS: interrupted uploads go on by file, with nothing kept on this side.
    useXet: false,
    fetch,
    abortSignal: signal,
  });
  for (;;) {
    const step = await steps.next();
    if (step.done === true) {
      if (step.value === undefined) throw new AppError('UPLOAD_FAILED', 'The hub made no commit; publish again.');
      return step.value;
    }
    progress.take(step.value);
  }
}
