import { taskFacts, type TaskName, type TaskResult, type TaskScoring } from '../../src-main/contract/tasks.ts';
import type { Client } from '../bridge/client.ts';
import type { JobsState } from './jobs.svelte.ts';
import { Resource } from './resource.svelte.ts';

/** A run, or the model that it was trained on. */
type Side = 'base' | 'tuned';

/** What one side has reached on a task. */
export interface SideResult {
  readonly side: Side;
  readonly result: TaskResult;
}

/** Asking a run, with its base beside it, or a model the questions of a named task. */
export class TasksState {
  task = $state<TaskName>('e2e');
  /** The file with the task's rows; undefined for the sample that comes with the app. */
  data = $state<string>();
  limit = $state(20);
  /** How choices are judged; undefined for the task's usual way. */
  scoring = $state<TaskScoring>();
  /** Ask the base of a run too, on the same questions. */
  withBase = $state(true);
  readonly answer = new Resource<readonly SideResult[]>();
  /** Who answers now, and how many questions are answered. */
  progress = $state.raw<{ readonly side: Side; readonly done: number; readonly total: number }>();
  #target = $state<string>();
  #isRun = $state(false);
  #jobId: string | undefined;
  #cancelled = false;
  readonly #client: Client;
  readonly #jobs: JobsState;

  constructor(client: Client, jobs: JobsState) {
    this.#client = client;
    this.#jobs = jobs;
  }

  /** Takes a run or a model; what another one reached goes. */
  use(target: string, isRun: boolean): void {
    if (target === this.#target && isRun === this.#isRun) return;
    this.#target = target;
    this.#isRun = isRun;
    this.#forget();
  }

  choose(task: TaskName): void {
    if (task === this.task) return;
    this.task = task;
    this.data = undefined;
    this.scoring = undefined;
    this.#forget();
  }

  get hasSample(): boolean {
    return taskFacts[this.task].sample !== undefined;
  }

  /** False where the task comes without rows and no file was chosen. */
  get ready(): boolean {
    return this.#target !== undefined && (this.data !== undefined || this.hasSample);
  }

  /** Asks for the file with the rows. @throws AppFailure */
  async chooseData(): Promise<void> {
    const chosen = await this.#client.call('dialog.openData', {});
    if (chosen === null) return;
    this.data = chosen.path;
    this.#forget();
  }

  useSample(): void {
    this.data = undefined;
    this.#forget();
  }

  /** Asks every side the same questions, the run first. */
  async evaluate(): Promise<void> {
    const target = this.#target;
    if (target === undefined || !this.ready || this.answer.busy) return;
    const sides: readonly Side[] = !this.#isRun ? ['base'] : this.withBase ? ['tuned', 'base'] : ['tuned'];
    this.#cancelled = false;
    await this.answer.load(async () => {
      const results: SideResult[] = [];
      for (const side of sides) results.push({ side, result: await this.#ask(target, side) });
      return results;
    });
    this.progress = undefined;
    // Whoever cancels knows that there is no result.
    if (this.answer.failure?.cancelled === true) this.answer.clear();
  }

  async cancel(): Promise<void> {
    this.#cancelled = true;
    if (this.#jobId !== undefined) await this.#jobs.control(this.#jobId, 'cancel');
  }

  async #ask(target: string, side: Side): Promise<TaskResult> {
    this.progress = { side, done: 0, total: 0 };
    const { task, data, limit, scoring } = this;
    this.#jobId = await this.#jobs.start('evaluate.task', {
      ...{ model: target, task, limit, base: this.#isRun && side === 'base' },
      ...(data === undefined ? {} : { data }),
      ...(scoring === undefined ? {} : { scoring }),
    });
    if (this.#cancelled) void this.#jobs.control(this.#jobId, 'cancel');
    const end = this.#jobs.follow<'evaluate.task'>(this.#jobId, ({ done, total }) => {
      this.progress = { side, done, total };
    });
    try {
      return await this.#jobs.finished<'evaluate.task'>(this.#jobId);
    } finally {
      end();
      this.#jobId = undefined;
    }
  }

  #forget(): void {
    void this.cancel();
    this.answer.clear();
  }
}
