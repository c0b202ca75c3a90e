/** Small jobs about files and nodes: `resources/ray/sara_files.py`. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import type { Dashboard } from './dashboard.ts';
import { fileAnswerSchema, type FileAnswer } from './driverLine.schema.ts';
import { ensurePackage } from './packages.ts';
import { shellWord } from './shellWord.ts';

export interface FileJob {
  readonly action: 'probe' | 'have' | 'take' | 'send';
  readonly storage: string;
  /** Place, or number of GPUs, of `send` and `probe`. */
  readonly argument?: string;
  /** Hashes of pieces for `have` and `take`. */
  readonly names?: readonly string[];
  /** Packages with pieces. */
  readonly pieces?: readonly string[];
  /** Milliseconds between two looks at it. */
  readonly look?: number | undefined;
}

export interface FileJobAnswer {
  /** All messages as one. */
  readonly answer: FileAnswer;
  /** Lines of `@data`, in base64. */
  readonly data: readonly string[];
}

/**
 * Runs a small job to its end.
 * @param bundle address of the package with the programs
 * @throws AppError TARGET_UNFIT with the job’s own sentence, TARGET_UNREACHABLE, TARGET_REFUSED, CANCELLED
 */
export async function runFileJob(
  dashboard: Dashboard,
  bundle: string,
  { action, storage, argument, names, pieces = [], look = 1_000 }: FileJob,
  signal: AbortSignal,
): Promise<FileJobAnswer> {
  const list = { 'names.json': Buffer.from(JSON.stringify(names ?? [])) };
  const { address } = await ensurePackage(dashboard, list, true);
  const words = [action, storage, argument ?? 'names.json'].map(shellWord);
  const id = `sara-files-${randomUUID()}`;
  await dashboard.submit({
    id,
    entrypoint: `python -u -m sara_files ${words.join(' ')}`,
    workingFolder: address,
    modules: [bundle, ...pieces],
    metadata: { app: 'sara-studio', kind: 'files', action },
  });
  for (;;) {
    const job = await dashboard.job(id);
    if (job === undefined) throw unfit(dashboard, 'the job is no longer known there; start again');
    if (job.status !== 'PENDING' && job.status !== 'RUNNING') {
      const read = readAnswer(await dashboard.logs(id));
      if (read.answer.failure !== undefined) throw unfit(dashboard, read.answer.failure);
      if (job.status !== 'SUCCEEDED') throw unfit(dashboard, failureWords(job.message));
      return read;
    }
    throwIfCancelled(signal);
    await sleep(look);
  }
}

/** Messages and data in the output of a small job. */
function readAnswer(logs: string): FileJobAnswer {
  let answer: FileAnswer = {};
  const data: string[] = [];
  for (const line of logs.split('\n')) {
    if (line.startsWith('@data ')) data.push(line.slice('@data '.length).trim());
    if (line.startsWith('@sara '))
      answer = { ...answer, ...fileAnswerSchema.parse(JSON.parse(line.slice('@sara '.length))) };
  }
  return { answer, data };
}

/** The line of a job’s message that tells the most. */
export function failureWords(message: string | null | undefined): string {
  const lines = (message ?? '').split('\n').map((line) => line.trim());
  const telling = lines.findLast((line) => /error|no module|not found|failed/i.test(line)) ?? lines.findLast(Boolean);
  if (telling === undefined) return 'the job ended without a reason';
  // What was said last is in the output, and said elsewhere.
  return telling.replace(/,? last available logs.*$/, '').slice(0, 400);
}

function unfit(dashboard: Dashboard, reason: string): AppError {
  return new AppError('TARGET_UNFIT', `${dashboard.name}: ${reason.replace(/\.$/, '')}.`);
}
