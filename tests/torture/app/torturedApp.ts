/** The real app with folders of its own, whose processes can be killed, and what a person does in its window. */
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { JobSnapshot, JobState, JobSummary } from '../../../src-main/contract/jobs.ts';
import type { RouteInput, RouteOutput } from '../../../src-main/contract/routes.ts';
import { launchApp, type LaunchedApp, type Places } from '../../e2e/support/launch.ts';
import { callRoute } from '../../e2e/support/routes.ts';
import type { Victim } from '../cases.ts';
import { processesOf, remainingAfter } from './processes.ts';

const ended: readonly JobState[] = ['done', 'failed', 'cancelled'];
/** Processes of an app that was killed must be gone after this, on a busy machine too. */
const lastBreathSeconds = 20;
const pollMilliseconds = 40;

export class TorturedApp {
  readonly places: Places;
  readonly #root: string;
  readonly #log: string[] = [];
  readonly #orphans: Promise<void>[] = [];
  #app: LaunchedApp | undefined;
  #compute: number | undefined;
  /** What was seen that must not be. */
  readonly faults: string[] = [];

  /** @param folder of this app alone */
  constructor(root: string, folder: string, threads: number, rows: string) {
    this.#root = root;
    const place = (name: string): string => path.join(folder, name);
    this.places = { home: place('home'), cache: place('cache'), state: place('state') };
    const { home, cache, state } = this.places;
    for (const one of [home, cache, state]) mkdirSync(one, { recursive: true });
    writeFileSync(path.join(this.places.state, 'settings.json'), JSON.stringify({ version: 1, threads }));
    copyFileSync(rows, this.rows);
  }

  get rows(): string {
    return path.join(this.places.home, 'rows.jsonl');
  }

  /** Runs of the workspace, those that never began too. */
  get runFolders(): string[] {
    const folder = path.join(this.places.home, 'runs');
    try {
      return readdirSync(folder).map((name) => path.join(folder, name));
    } catch {
      return [];
    }
  }

  /** The app at work; it is started where it is not. */
  async #running(): Promise<LaunchedApp> {
    this.#app ??= await launchApp(this.#root, this.places, undefined, [], this.#log);
    return this.#app;
  }

  /** Starts a job as the window does, and gives its number. */
  async start(request: RouteInput<'jobs.start'>): Promise<string> {
    const { window } = await this.#running();
    return (await callRoute(window, 'jobs.start', request)).jobId;
  }

  /**
   * What the app knows of the runs, at rest: the engine of an app that was killed may live some moments longer, and until
   * it is gone its run is still being trained.
   */
  async runs(): Promise<RouteOutput<'runs.list'>> {
    const { window } = await this.#running();
    const until = performance.now() + lastBreathSeconds * 1000;
    for (;;) {
      const runs = await callRoute(window, 'runs.list', {});
      const atRest = runs.every(({ record }) => !['created', 'running', 'paused'].includes(record.state));
      if (atRest || performance.now() > until) return runs;
      await pause();
    }
  }

  /**
   * Opens the only run in the window and presses Resume there, which must be offered.
   * @returns the number of the job
   */
  async resume(): Promise<string> {
    const { window } = await this.#running();
    const before = new Set((await this.#jobs()).map(({ id }) => id));
    const navigation = window.getByRole('navigation', { name: 'Main navigation' });
    await navigation.getByRole('button', { name: 'Home' }).click();
    await navigation.getByRole('button', { name: 'Runs' }).click();
    const open = window.getByRole('grid', { name: 'Runs' }).getByRole('button', { name: /^Open / });
    // A resumption that was ended before it told anything has left the run open.
    const all = window.getByRole('button', { name: 'All runs' });
    await open.or(all).first().waitFor();
    if (await all.isVisible()) await all.click();
    await open.click();
    const button = window.getByRole('button', { name: 'Resume', exact: true });
    await button.click({ timeout: lastBreathSeconds * 1000 });
    for (;;) {
      const added = (await this.#jobs()).find(({ id, kind }) => kind === 'train.resume' && !before.has(id));
      if (added !== undefined) return added.id;
      await pause();
    }
  }

  async #jobs(): Promise<readonly JobSummary[]> {
    const { window } = await this.#running();
    return callRoute(window, 'jobs.list', {});
  }

  /** Waits until the job has ended, or `until` says that it has waited enough. */
  async follow(jobId: string, until: () => boolean = () => false): Promise<JobSnapshot> {
    const { window } = await this.#running();
    for (;;) {
      const snapshot = await callRoute(window, 'jobs.snapshot', { jobId, afterSeq: Number.MAX_SAFE_INTEGER });
      if (ended.includes(snapshot.job.state) || until()) return snapshot;
      this.#compute ??= await this.#computeProcess();
      await pause();
    }
  }

  async #computeProcess(): Promise<number | undefined> {
    const { electron } = await this.#running();
    return electron.evaluate(
      ({ app }) => app.getAppMetrics().find(({ name }) => name?.startsWith('SARA engine (compute') === true)?.pid,
    );
  }

  /** Kills processes at once; false when there was none. */
  async kill(victim: Victim): Promise<boolean> {
    const { electron } = await this.#running();
    const main = electron.process();
    const pids = [
      ...(victim === 'main' ? [] : [this.#compute ?? (await this.#computeProcess())]),
      ...(victim === 'engine' ? [] : [main.pid]),
    ].filter((pid) => pid !== undefined);
    const others = victim === 'engine' ? [] : processesOf(this.places.home);
    const gone = new Promise<void>((resolve) => main.once('exit', () => resolve()));
    const hit = pids.filter(killNow).length > 0;
    this.#compute = undefined;
    if (victim !== 'engine') {
      await gone;
      this.#app = undefined;
      this.#orphans.push(this.#assertGone(new Set(others)));
    }
    return hit;
  }

  /** Whatever the killed app had started must end by itself. */
  async #assertGone(pids: ReadonlySet<number>): Promise<void> {
    const left = await remainingAfter(lastBreathSeconds, this.places.home, (pid) => pids.has(pid));
    if (left.length > 0) this.faults.push(`${left.length} processes live on after the main process was killed`);
    left.forEach(killNow);
  }

  /** Closes the app as a person does; none of its processes may be left. */
  async close(): Promise<void> {
    await this.#app?.close();
    this.#app = undefined;
    await Promise.all(this.#orphans);
    const left = await remainingAfter(lastBreathSeconds, this.places.home);
    if (left.length > 0) this.faults.push(`${left.length} processes are left after the app was closed`);
    left.forEach(killNow);
  }

  /** What main process and window printed, for a case that failed. */
  get log(): string {
    return this.#log.join('\n');
  }
}

function killNow(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
}
