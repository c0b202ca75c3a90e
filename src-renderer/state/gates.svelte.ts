import type { TextGates } from '../../src-main/contract/gates.ts';
import type { JobsState } from './jobs.svelte.ts';
import { Resource } from './resource.svelte.ts';

/** The gates of a text that a person gives, for a run of Mo-SARA. */
export class GatesState {
  text = $state('');
  /** Lay the text out as a prompt of the run's rows. */
  asPrompt = $state(false);
  checkpoint = $state<'best' | 'last'>('best');
  /** Module path of the matrix that is shown. */
  matrix = $state<string>();
  readonly answer = new Resource<TextGates>();
  #run: string | undefined;
  #jobId: string | undefined;
  readonly #jobs: JobsState;

  constructor(jobs: JobsState) {
    this.#jobs = jobs;
  }

  /** Takes the run to ask; what was read of another one goes. */
  use(run: string): void {
    if (run === this.#run) return;
    this.#run = run;
    this.matrix = undefined;
    this.answer.clear();
  }

  /** The gates of the chosen matrix, or of the first. */
  get shown(): TextGates['matrices'][number] | undefined {
    const matrices = this.answer.value?.matrices;
    return matrices?.find(({ name }) => name === this.matrix) ?? matrices?.[0];
  }

  async read(): Promise<void> {
    const run = this.#run;
    const { text, asPrompt, checkpoint } = this;
    if (run === undefined || text === '' || this.answer.busy) return;
    await this.answer.load(
      async () => {
        this.#jobId = await this.#jobs.start('gates.run', { run, text, asPrompt, checkpoint });
        return await this.#jobs.finished<'gates.run'>(this.#jobId);
      },
      { keep: true },
    );
    this.#jobId = undefined;
  }

  async cancel(): Promise<void> {
    if (this.#jobId !== undefined) await this.#jobs.control(this.#jobId, 'cancel');
  }
}
