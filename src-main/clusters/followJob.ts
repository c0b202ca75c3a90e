/** Follows a job of the cluster to its end, through broken connections. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ControlAction } from '../contract/engine.ts';
import { AppError, throwIfCancelled } from '../util/appError.ts';
import type { Dashboard } from './dashboard.ts';
import type { DashboardJob } from './dashboard.schema.ts';
import type { DriverLog } from './driverLog.ts';

export interface FollowPatience {
  /** Milliseconds before the second try after a failure; doubled up to `longest`. */
  readonly first: number;
  readonly longest: number;
  /** Milliseconds without any answer after which it is given up; the job goes on. */
  readonly all: number;
  /** Milliseconds between two looks at a job that waits, and at what the person asks for. */
  readonly look: number;
  /** How time passes; the system's where left out. */
  readonly time?: { now(): number; sleep(milliseconds: number): Promise<unknown> };
}

const systemTime = { now: () => performance.now(), sleep: async (milliseconds: number) => wait(milliseconds) };

export const usualPatience: FollowPatience = { first: 1_000, longest: 30_000, all: 24 * 3_600_000, look: 1_000 };

/** So many times `look` lie between two readings of the whole output, where none comes by itself. */
const looksWithoutTail = 5;

export type JobEnd =
  | { readonly end: 'ended'; readonly job: DashboardJob }
  /** The cluster does not know the job any more. */
  | { readonly end: 'gone' }
  /** Asked for: the job was stopped, its trials are at their checkpoints. */
  | { readonly end: 'paused' }
  /** Asked for: the job goes on by itself, unless it was asked to pause right before. */
  | { readonly end: 'left'; readonly stopped: boolean };

export interface FollowContext {
  readonly signal: AbortSignal;
  takeControls(): ControlAction[];
  note(text: string): void;
  onState(state: DashboardJob['status']): void;
}

/** @throws AppError TARGET_UNREACHABLE after a day without an answer, TARGET_REFUSED, CANCELLED */
export async function followJob(
  dashboard: Dashboard,
  id: string,
  log: DriverLog,
  context: FollowContext,
  patience: FollowPatience = usualPatience,
): Promise<JobEnd> {
  const { signal, note } = context;
  const { now, sleep } = patience.time ?? systemTime;
  let asked: 'paused' | 'left' | undefined;
  let stopped = false;
  const leaving = new AbortController();
  let polling = false;
  const poll = setInterval(() => {
    if (polling) return;
    polling = true;
    void followControls().finally(() => (polling = false));
  }, patience.look);
  async function followControls(): Promise<void> {
    for (const action of context.takeControls()) {
      if (action === 'stop') {
        asked = 'left';
        leaving.abort();
      } else if (action === 'pause') {
        asked = 'paused';
        stopped = await dashboard.stop(id).then(
          () => true,
          (error: unknown) => {
            note(error instanceof Error ? error.message : String(error));
            return false;
          },
        );
      }
    }
  }
  let failedSince: number | undefined;
  let delay = patience.first;
  try {
    for (;;) {
      throwIfCancelled(signal);
      if (asked === 'left') return { end: 'left', stopped };
      try {
        const before = await dashboard.job(id);
        if (failedSince !== undefined) note('The dashboard answers again.');
        failedSince = undefined;
        delay = patience.first;
        if (before === undefined) return { end: 'gone' };
        context.onState(before.status);
        if (before.status === 'PENDING') {
          await sleep(patience.look);
          continue;
        }
        log.rewind();
        const heard = { anything: false };
        await dashboard
          .tail(
            id,
            (text) => {
              heard.anything ||= text !== '';
              log.feed(text);
            },
            leaving.signal,
          )
          .catch((error: unknown) => {
            // Where not a word comes through, it may be that requests do.
            if (heard.anything || !isUnreachable(error)) throw error;
          });
        if (leaving.signal.aborted) continue;
        const job = await dashboard.job(id);
        if (job === undefined) return { end: 'gone' };
        if (job.status === 'PENDING' || job.status === 'RUNNING') {
          if (!heard.anything) {
            // Something on the way lets no output through as it comes: it is read whole, less often.
            log.rewind();
            log.feed(await dashboard.logs(id));
          }
          await sleep(patience.look * (heard.anything ? 1 : looksWithoutTail));
          continue;
        }
        log.rewind();
        log.feed(await dashboard.logs(id));
        return asked === 'paused' ? { end: 'paused' } : { end: 'ended', job };
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        const failedAt = now();
        if (failedSince === undefined) note(`${error.message} What runs there goes on; trying again.`);
        failedSince ??= failedAt;
        if (failedAt - failedSince > patience.all) throw error;
        await sleep(Math.min(delay, patience.longest));
        delay *= 2;
      }
    }
  } finally {
    clearInterval(poll);
  }
}

function isUnreachable(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'TARGET_UNREACHABLE';
}
