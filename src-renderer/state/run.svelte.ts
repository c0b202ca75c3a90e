import { untrack } from 'svelte';
import type { ControlAction } from '../../src-main/contract/engine.ts';
import type { JobAction } from '../../src-main/contract/jobs.ts';
import type { RunRecord } from '../../src-main/contract/training.ts';
import { toFailure, type AppFailure } from '../bridge/appFailure.ts';
import type { Client } from '../bridge/client.ts';
import type { EstimateState } from './estimate.svelte.ts';
import { isOpen, type JobInput, type JobsState } from './jobs.svelte.ts';
import type { ProjectState } from './project.svelte.ts';
import { RunLog } from './runLog.svelte.ts';
import { leastResources, type Resources } from './sweepDraft.ts';

/** The training of the project: at work, or as its last run left it. */
export class TrainingState {
  log = $state.raw(new RunLog());
  /** `idle`: nothing to show; `opening`: reading a run; `busy`: a job works; `ended`: a run is there to look at. */
  state = $state<'idle' | 'opening' | 'busy' | 'ended'>('idle');
  jobId = $state<string>();
  /** Path of the run that is shown. */
  run = $state<string>();
  record = $state.raw<RunRecord>();
  /** Why the last attempt ended before its time. */
  failure = $state.raw<AppFailure>();
  /** Memory the run was expected to take, fixed when it starts. */
  estimatedMemory = $state<number>();
  availableMemory = $state<number>();
  /** Name of the cluster that the next training is sent to; this machine where undefined. */
  target = $state<string>();
  /** What it is given there. */
  resources = $state.raw<Resources>(leastResources);
  /** Asked for and not yet confirmed by an event. */
  asked = $state<JobAction>();
  #stop: (() => void) | undefined;
  readonly #client: Client;
  readonly #jobs: JobsState;
  readonly #project: ProjectState;
  readonly #estimate: EstimateState;

  constructor(client: Client, jobs: JobsState, project: ProjectState, estimate: EstimateState) {
    this.#client = client;
    this.#jobs = jobs;
    this.#project = project;
    this.#estimate = estimate;
  }

  readonly job = $derived.by(() => (this.jobId === undefined ? undefined : this.#jobs.find(this.jobId)));
  readonly paused = $derived.by(() => this.job?.state === 'paused');
  /** The training at work is that of a cluster. */
  readonly elsewhere = $derived.by(() => this.job?.kind === 'train.runOn');

  /**
   * Shows what belongs to the project: the training at work, or its last run. Safe to call again and from an effect; a
   * run that could not be read is not read again by itself.
   */
  attach(): void {
    untrack(() => {
      if (this.state === 'busy' || this.state === 'opening') return;
      const running = this.#jobs.latest('train.run', 'train.resume', 'train.runOn');
      const run = this.#project.run;
      if (running && isOpen(running)) this.#watch(running.id);
      else if (run === undefined && this.state === 'ended') this.#reset('idle');
      else if (run !== undefined && run !== this.run) void this.open(run);
    });
  }

  /** Reads a run and replays it. */
  async open(run: string): Promise<void> {
    this.#reset('opening');
    this.run = run;
    try {
      const opened = await this.#client.call('run.open', { run });
      if (this.run !== run) return;
      this.log = replay(opened.record, opened.events);
      this.record = opened.record;
      this.state = 'ended';
    } catch (error) {
      if (this.run !== run) return;
      this.failure = toFailure(error);
      this.state = 'idle';
    }
  }

  /** Starts a run with the project's settings. */
  async start(): Promise<void> {
    const config = this.#estimate.config;
    if (config === undefined || this.state === 'busy') return;
    const { target, resources } = this;
    if (target !== undefined) {
      await this.#begin(async () => this.#jobs.start('train.runOn', { config, target, resources }));
      return;
    }
    this.#expect();
    await this.#begin(async () => this.#jobs.start('train.run', { config }));
  }

  /** Follows a run that was sent to a cluster before, or sends it again to go on from its last checkpoint. */
  async follow(input: JobInput<'train.runOn'>): Promise<void> {
    if (this.state === 'busy') return;
    await this.#begin(async () => this.#jobs.start('train.runOn', input));
  }

  /** Ends a training on a cluster at its last checkpoint, where it stays. */
  async stopThere(): Promise<void> {
    await this.control('pause');
    await this.control('stop');
  }

  /** Goes on with a run from its last checkpoint. */
  async resume(run: string): Promise<void> {
    if (this.state === 'busy') return;
    await this.#begin(async () => this.#jobs.start('train.resume', { run }));
  }

  async control(action: ControlAction | 'cancel'): Promise<void> {
    if (this.jobId === undefined) return;
    this.asked = action;
    try {
      await this.#jobs.control(this.jobId, action);
    } catch (error) {
      this.asked = undefined;
      throw error;
    }
  }

  /** Back to the settings; the run stays in Runs. */
  close(): void {
    if (this.state === 'busy') return;
    this.#reset('idle');
  }

  #expect(): void {
    this.estimatedMemory = this.#estimate.answer.value?.memory.total;
    this.availableMemory = this.#estimate.answer.value?.availableMemory;
  }

  async #begin(start: () => Promise<string>): Promise<void> {
    this.#reset('busy');
    try {
      this.#watch(await start());
    } catch (error) {
      this.failure = toFailure(error);
      this.state = 'idle';
    }
  }

  #watch(jobId: string): void {
    this.#reset('busy');
    this.jobId = jobId;
    // What a node has free is not known here.
    if (this.estimatedMemory === undefined && !this.elsewhere) this.#expect();
    const log = this.log;
    this.#stop = this.#jobs.follow<'train.run'>(jobId, (event) => {
      log.apply(event);
      // A run of a cluster is here once it has come home.
      if (event.event === (this.elsewhere ? 'done' : 'start') && 'run' in event) {
        this.run = event.run;
        if (this.#project.run !== event.run) this.#project.setRun(event.run);
        // The project's settings may be changed for the next training meanwhile.
        void this.#readRecord(event.run);
      }
      if (confirms(this.asked, event.event)) this.asked = undefined;
    });
    void this.#jobs
      .finished<'train.run'>(jobId)
      .then((record) => (this.jobId === jobId ? this.#ended(record) : undefined))
      .catch((error: unknown) => (this.jobId === jobId ? this.#ended(undefined, toFailure(error)) : undefined));
  }

  #ended(record: RunRecord | undefined, failed?: AppFailure): void {
    const failure = failed?.cancelled ? undefined : failed;
    const resumed = this.job?.run;
    // It ended before it told anything: what the run was before is shown, with the reason.
    if (record === undefined && this.log.start === undefined && resumed !== undefined) {
      void this.#openAgain(resumed, failure);
      return;
    }
    if (record) {
      this.record = record;
      this.log.takeRecord(record);
    } else if (this.run !== undefined) void this.#readRecord(this.run);
    this.failure = failure;
    this.#stop?.();
    this.#stop = undefined;
    this.jobId = undefined;
    this.asked = undefined;
    // A run that was stopped before its first step has nothing to show.
    this.state = this.log.start === undefined ? 'idle' : 'ended';
  }

  async #openAgain(run: string, failure: AppFailure | undefined): Promise<void> {
    await this.open(run);
    if (this.run === run && this.state !== 'busy') this.failure ??= failure;
  }

  /** What a run that ended before its time left behind; without it the run can still be looked at. */
  async #readRecord(run: string): Promise<void> {
    try {
      const { record } = await this.#client.call('run.open', { run });
      if (this.run === run) this.record = record;
    } catch {
      // The failure that ended the run is shown already.
    }
  }

  #reset(state: 'idle' | 'opening' | 'busy'): void {
    this.#stop?.();
    this.#stop = undefined;
    this.log = new RunLog();
    this.record = undefined;
    this.failure = undefined;
    this.jobId = undefined;
    this.run = undefined;
    this.asked = undefined;
    this.state = state;
  }
}

function confirms(asked: JobAction | undefined, event: string): boolean {
  return (
    (asked === 'pause' && event === 'paused') ||
    (asked === 'continue' && event === 'continued') ||
    (asked === 'checkpoint' && event === 'checkpoint')
  );
}

/** A finished run as its kept events tell it. */
export function replay(record: RunRecord, events: readonly Parameters<RunLog['apply']>[0][]): RunLog {
  const log = new RunLog();
  log.takeRecord(record);
  for (const event of events) log.apply(event);
  log.takeRecord(record);
  return log;
}
