import type { RunCurves, RunSummary } from '../../src-main/contract/routes.ts';
import type { RunNotes } from '../../src-main/contract/runNotes.schema.ts';
import type { RunRecord, RunState } from '../../src-main/contract/training.ts';
import type { Client } from '../bridge/client.ts';
import { isOpen, type JobsState } from './jobs.svelte.ts';
import { Resource } from './resource.svelte.ts';
import { replay } from './run.svelte.ts';
import { choicesOf, filteredRuns, noFilter, type RunFilter, type SortKey } from './runFilter.ts';
import type { RunLog } from './runLog.svelte.ts';

export type ShownState = RunState | 'interrupted';

export interface OpenRun {
  readonly path: string;
  readonly record: RunRecord;
  readonly notes: RunNotes;
  readonly log: RunLog;
}

/** Most runs that curves are laid over one another of: so many lines can still be told apart. */
const mostCompared = 24;
/** Points of the small curve in the list. */
const sparkPoints = 40;
/** Points of a curve that is looked at. */
const curvePoints = 2_000;

/** The runs of the workspace, those that are compared, and the one that is looked at. */
export class RunsState {
  readonly list = new Resource<readonly RunSummary[]>();
  readonly opened = new Resource<OpenRun>();
  filter = $state.raw<RunFilter>(noFilter);
  /** Paths of the runs that are chosen, in the order of their choice. */
  chosen = $state.raw<readonly string[]>([]);
  /** The curves of the chosen runs while they are compared. */
  readonly compared = new Resource<readonly RunCurves[]>();
  /** Small curves by run, with the moment of the run they show. */
  sparks = $state.raw<ReadonlyMap<string, { readonly updatedAt: string; readonly loss: readonly number[] }>>(new Map());
  readonly #asked = new Set<string>();
  readonly #client: Client;
  readonly #jobs: JobsState;
  readonly #now: () => number;

  constructor(client: Client, jobs: JobsState, now: () => number = () => Date.now()) {
    this.#client = client;
    this.#jobs = jobs;
    this.#now = now;
  }

  /** The runs that the list shows. */
  readonly shown = $derived.by(() => filteredRuns(this.list.value ?? [], this.filter, this.#now()));
  readonly choices = $derived.by(() => choicesOf(this.list.value ?? []));
  readonly chosenRuns = $derived.by(() => {
    const byPath = new Map(this.list.value?.map((run) => [run.path, run]));
    return this.chosen.flatMap((path) => byPath.get(path) ?? []);
  });
  /** Whether the filter may hide runs. */
  readonly filtered = $derived.by(() => {
    const { search, tag, model, method, span } = this.filter;
    return search !== '' || tag !== '' || model !== '' || method !== 'any' || span !== 'any';
  });

  async read(): Promise<void> {
    await this.list.load(async () => this.#client.call('runs.list', {}), { keep: true });
  }

  show(change: Partial<RunFilter>): void {
    this.filter = { ...this.filter, ...change };
  }

  /** Sorts by a column; again turns the order round. Losses and names begin with the smallest, all else with the largest. */
  sortBy(sort: SortKey): void {
    const begin = sort === 'date' || sort === 'trainable';
    this.show({ sort, descending: this.filter.sort === sort ? !this.filter.descending : begin });
  }

  choose(path: string): void {
    if (this.chosen.includes(path)) this.chosen = this.chosen.filter((other) => other !== path);
    else if (this.chosen.length < mostCompared) this.chosen = [...this.chosen, path];
  }

  /** Lays the curves of the chosen runs over one another. */
  async compare(): Promise<void> {
    const runs = [...this.chosen];
    await this.compared.load(async () => this.#client.call('runs.curves', { runs, points: curvePoints }));
  }

  /** Reads the small curves of runs that came into sight. */
  async readSparks(runs: readonly RunSummary[]): Promise<void> {
    const wanted = runs.filter(({ path, record }) => {
      const mark = `${path} ${record.updatedAt}`;
      if (this.#asked.has(mark)) return false;
      this.#asked.add(mark);
      return true;
    });
    if (wanted.length === 0) return;
    try {
      const curves = await this.#client.call('runs.curves', {
        runs: wanted.slice(0, 100).map(({ path }) => path),
        points: sparkPoints,
      });
      const next = new Map(this.sparks);
      curves.forEach(({ run, loss }, i) => next.set(run, { updatedAt: wanted[i]?.record.updatedAt ?? '', loss }));
      this.sparks = next;
    } catch {
      // A list without small curves is still a list; the run itself tells what is wrong with it.
    }
  }

  async open(path: string): Promise<void> {
    await this.opened.load(async () => {
      const { record, notes, events } = await this.#client.call('run.open', { run: path });
      return { path, record, notes, log: replay(record, events) };
    });
  }

  close(): void {
    this.opened.clear();
    this.compared.clear();
  }

  /** Keeps tags and note of a run. */
  async annotate(path: string, notes: RunNotes): Promise<void> {
    const kept = await this.#client.call('runs.annotate', { run: path, notes });
    const { value } = this.opened;
    if (value?.path === path) this.opened.value = { ...value, notes: kept };
    this.list.value = this.list.value?.map((run) => (run.path === path ? { ...run, notes: kept } : run));
    // A list that was asked for before may come without this note.
    if (this.list.busy) await this.read();
  }

  /** Puts a run into the trash, or deletes it for good. */
  async delete(path: string, { forGood }: { readonly forGood: boolean }): Promise<void> {
    await this.#client.call('workspace.deleteRun', { run: path, forGood });
    this.chosen = this.chosen.filter((other) => other !== path);
    if (this.opened.value?.path === path) this.close();
    await this.read();
  }

  /** A run that says it runs although nothing trains was cut off. */
  stateOf({ record }: { readonly record: Pick<RunRecord, 'state'> }): ShownState {
    const working = this.#jobs.latest('train.run', 'train.resume');
    const claims = record.state === 'created' || record.state === 'running' || record.state === 'paused';
    return claims && !(working && isOpen(working)) ? 'interrupted' : record.state;
  }

  canResume(run: { readonly record: Pick<RunRecord, 'state'> }): boolean {
    const state = this.stateOf(run);
    return state === 'interrupted' || state === 'stopped' || state === 'failed';
  }
}
