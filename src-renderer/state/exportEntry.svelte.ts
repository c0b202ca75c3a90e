import type { EarlierExport, StoredExport } from '../../src-main/contract/exports.ts';
import type { ExportFormat } from '../../src-main/contract/exportFormats.ts';
import type {
  ExportCheck,
  ExportResult,
  FailedProof,
  ProgressEvent,
  VerifyResult,
} from '../../src-main/contract/results.ts';
import { toFailure, type AppFailure } from '../bridge/appFailure.ts';
import type { Client } from '../bridge/client.ts';
import type { JobInput, JobsState } from './jobs.svelte.ts';
import { Resource } from './resource.svelte.ts';

/** What a proof found, whichever way it was made. */
export interface ShownProof {
  readonly passed: boolean;
  readonly checks: readonly ExportCheck[];
  readonly likelyCause: string | undefined;
}

/** One export of a run: at work, just written, refused by its proof, or from an earlier day. */
export class ExportEntry {
  readonly out: string;
  readonly format: ExportFormat | undefined;
  /** ISO 8601; undefined for one of this session. */
  readonly at: string | undefined;
  readonly there: boolean;
  readonly title: string;
  jobId = $state<string>();
  progress = $state.raw<ProgressEvent>();
  result = $state.raw<ExportResult>();
  failure = $state.raw<AppFailure>();
  /** What the report beside an earlier export says. */
  readonly stored = new Resource<StoredExport>();
  /** A later check of the files. */
  verified = $state.raw<VerifyResult>();
  verifying = $state(false);
  verifyFailure = $state.raw<AppFailure>();
  readonly #client: Client;
  readonly #jobs: JobsState;

  constructor(
    client: Client,
    jobs: JobsState,
    facts: Pick<ExportEntry, 'out' | 'format' | 'title'> & Partial<Pick<EarlierExport, 'at' | 'there'>>,
  ) {
    this.#client = client;
    this.#jobs = jobs;
    this.out = facts.out;
    this.format = facts.format;
    this.title = facts.title;
    this.at = facts.at;
    this.there = facts.there ?? true;
  }

  get state(): 'busy' | 'done' | 'failed' | 'stored' {
    if (this.jobId !== undefined) return 'busy';
    if (this.failure !== undefined) return 'failed';
    return this.result === undefined ? 'stored' : 'done';
  }

  /** What there is to show of the written files. */
  get written(): ExportResult | StoredExport | undefined {
    return this.result ?? this.stored.value;
  }

  get proof(): ShownProof | undefined {
    const { verified, failure, written } = this;
    if (verified !== undefined) return { ...verified, likelyCause: verified.likelyCause };
    const failed = failure === undefined ? undefined : failedProof(failure.details);
    if (failed !== undefined) return { passed: false, ...failed };
    if (written === undefined) return undefined;
    return { passed: written.checks.every((check) => check.passed), checks: written.checks, likelyCause: undefined };
  }

  /** Follows a job to its end. Never rejects. */
  async watch(jobId: string): Promise<void> {
    this.jobId = jobId;
    const stop = this.#jobs.follow<'export.run'>(jobId, (event) => (this.progress = event));
    try {
      this.result = await this.#jobs.finished<'export.run'>(jobId);
    } catch (error) {
      this.failure = toFailure(error);
    } finally {
      stop();
      this.jobId = undefined;
    }
  }

  async cancel(): Promise<void> {
    if (this.jobId !== undefined) await this.#jobs.control(this.jobId, 'cancel');
  }

  /** Reads the report of an earlier export, once. */
  async read(): Promise<void> {
    if (this.state !== 'stored' || this.stored.value !== undefined || this.stored.busy || !this.there) return;
    await this.stored.load(async () => this.#client.call('export.report', { path: this.out }));
  }

  /** Compares the files with their run once more. */
  async verify(input: Omit<JobInput<'export.verify'>, 'path'>): Promise<void> {
    this.verifying = true;
    this.verifyFailure = undefined;
    try {
      const jobId = await this.#jobs.start('export.verify', { ...input, path: this.out });
      this.verified = await this.#jobs.finished<'export.verify'>(jobId);
    } catch (error) {
      const failure = toFailure(error);
      if (!failure.cancelled) this.verifyFailure = failure;
    } finally {
      this.verifying = false;
    }
  }
}

/** The details of VERIFICATION_FAILED; undefined for other failures. */
function failedProof(details: unknown): FailedProof | undefined {
  if (typeof details !== 'object' || details === null) return undefined;
  if (!('checks' in details) || !Array.isArray(details.checks) || !('likelyCause' in details)) return undefined;
  // Only VERIFICATION_FAILED has details of this form.
  return details as unknown as FailedProof;
}
