/** One case of the campaign on the real app: its processes are killed, it is started again, the work is finished. */
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { trainConfigSchema } from '../../../src-main/contract/requests.schema.ts';
import { readRun } from '../../../src-main/runs/runFolder.ts';
import type { JobSnapshot } from '../../../src-main/contract/jobs.ts';
import type { AppMoment, TortureCase, Victim } from '../cases.ts';
import type { CaseResult } from '../disturb.ts';
import type { Materials, Reference } from '../materials.ts';
import {
  differences,
  outcomeOfAnalysis,
  outcomeOfExport,
  outcomeOfRun,
  strangersIn,
  type Outcome,
} from '../outcome.ts';
import { afterSeconds, runCommand, unfinishedIn, whileWriting, type Disturbance } from '../program.ts';
import { TorturedApp } from './torturedApp.ts';

/** @param folder of this case alone; made here */
export async function disturbApp(
  root: string,
  torture: TortureCase<AppMoment>,
  materials: Materials,
  reference: Reference,
  folder: string,
): Promise<CaseResult> {
  mkdirSync(folder, { recursive: true });
  const work = new DisturbedApp(root, torture, materials, reference, folder);
  return work.run();
}

class DisturbedApp {
  readonly #case: TortureCase<AppMoment>;
  readonly #materials: Materials;
  readonly #reference: Reference;
  readonly #folder: string;
  readonly #app: TorturedApp;
  readonly #victims: Victim[] = [];
  readonly #faults: string[] = [];

  constructor(
    root: string,
    torture: TortureCase<AppMoment>,
    materials: Materials,
    reference: Reference,
    folder: string,
  ) {
    this.#case = torture;
    this.#materials = materials;
    this.#reference = reference;
    this.#folder = folder;
    this.#app = new TorturedApp(root, folder, torture.scenario.threads, materials.rows);
  }

  async run(): Promise<CaseResult> {
    try {
      await this.#work();
    } catch (error) {
      this.#faults.push(error instanceof Error ? error.message : String(error));
    } finally {
      await this.#app.close();
    }
    const { home, cache, state } = this.#app.places;
    for (const folder of [home, cache, state]) this.#assertNothingUnfinished(folder);
    const faults = [...this.#faults, ...this.#app.faults];
    if (faults.length > 0) writeFileSync(path.join(this.#folder, 'app.log'), this.#app.log);
    return { hits: this.#victims.length, faults, killed: this.#victims };
  }

  async #work(): Promise<void> {
    switch (this.#case.stage) {
      case 'analysis':
        return this.#analyse();
      case 'merge':
      case 'gguf':
        return this.#export(this.#case.stage);
      default:
        return this.#train();
    }
  }

  async #analyse(): Promise<void> {
    const { model, program } = this.#materials;
    const start = async (): Promise<string> => this.#app.start({ kind: 'analysis.run', input: { model } });
    for (const moment of this.#case.moments) await this.#struck(start, this.#inTime('analysis', moment), moment);
    this.#assertDone('analysis', await this.#app.follow(await start()));
    const { cache } = this.#app.places;
    // From the cache that the app has filled.
    const told = await runCommand({ program, cache, threads: this.#case.scenario.threads }, [
      'analyze',
      model,
      '--json',
    ]);
    this.#compare('analysis', outcomeOfAnalysis(told.stdout));
  }

  async #train(): Promise<void> {
    const start = async (): Promise<string | undefined> => this.#nextTraining();
    for (const moment of this.#case.moments) {
      const disturbance =
        this.#case.stage === 'checkpoint' ? this.#whileWritingCheckpoint(moment) : this.#inTime('training', moment);
      await this.#struck(start, disturbance, moment);
    }
    const last = await start();
    if (last !== undefined) this.#assertDone('training', await this.#app.follow(last));
    const [run, ...others] = this.#app.runFolders;
    if (run === undefined || others.length > 0) {
      this.#faults.push(`there are ${this.#app.runFolders.length} runs instead of one`);
      return;
    }
    this.#compare('training', await outcomeOfRun(run));
    for (const name of strangersIn(run)) this.#faults.push(`${name} was left in the run`);
  }

  /** Starts the training, or takes it up again in the window, as far as something is left to do. */
  async #nextTraining(): Promise<string | undefined> {
    const [run, ...others] = await this.#app.runs();
    if (others.length > 0) throw new Error('There are several runs.');
    if (run === undefined) return this.#app.start({ kind: 'train.run', input: { config: await this.#config() } });
    return run.record.state === 'done' ? undefined : this.#app.resume();
  }

  /** Settings of the undisturbed run, with rows that this app may read. */
  async #config() {
    const { config } = await readRun(this.#reference.run);
    return trainConfigSchema.parse({ ...config, data: { ...config.data, path: this.#app.rows } });
  }

  async #export(stage: 'merge' | 'gguf'): Promise<void> {
    const run = path.join(this.#app.places.home, 'runs', 'run');
    cpSync(this.#reference.run, run, { recursive: true });
    const folder = path.join(this.#app.places.home, 'exports');
    const out = path.join(folder, stage);
    const kind = { merge: { format: 'hf' }, gguf: { format: 'gguf', quant: 'q8_0' } } as const;
    const start = async (): Promise<string> =>
      this.#app.start({ kind: 'export.run', input: { run, out, ...kind[stage] } });
    for (const [i, moment] of this.#case.moments.entries()) {
      const writing = whileWriting(folder, 1, 40 * moment.delayMilliseconds);
      await this.#struck(start, i % 2 === 0 ? writing : this.#inTime(stage, moment), moment);
      if (existsSync(out)) break;
    }
    // A folder that is there is whole; then nothing is left to do but to start the app, which clears up.
    if (existsSync(out)) await this.#app.runs();
    else this.#assertDone(stage, await this.#app.follow(await start()));
    this.#compare(stage, outcomeOfExport(out));
    this.#compare('training', await outcomeOfRun(run));
  }

  /** Starts work and kills processes at a moment, unless the work is done before. */
  async #struck(
    start: () => Promise<string | undefined>,
    disturbance: Disturbance,
    { victim }: AppMoment,
  ): Promise<void> {
    const jobId = await start();
    if (jobId === undefined) return;
    let due = false;
    const callOff = disturbance(() => (due = true));
    const before = await this.#app.follow(jobId, () => due);
    callOff();
    if (!due) {
      this.#assertDone(victim, before);
      return;
    }
    if (await this.#app.kill(victim)) this.#victims.push(victim);
    if (victim !== 'engine') return;
    const { job } = await this.#app.follow(jobId);
    // It may have been done at that very moment.
    if (job.state !== 'done' && job.error?.code !== 'ENGINE_STOPPED') {
      this.#faults.push(`the job of a killed engine is ${job.state}: ${job.error?.message ?? 'without a reason'}`);
    }
  }

  #inTime(stage: keyof Reference['seconds'], { share }: AppMoment): Disturbance {
    return afterSeconds(share * this.#reference.seconds[stage]);
  }

  /** As {@link whileWriting}, in the run that appears. */
  #whileWritingCheckpoint({ unfinished, delayMilliseconds }: AppMoment): Disturbance {
    return (strike) => {
      const inRun: Disturbance = (now) =>
        whileWriting(path.join(this.#app.runFolders[0] ?? '', 'checkpoints'), unfinished, delayMilliseconds)(now);
      let callOff = (): void => undefined;
      const look = setInterval(() => {
        if (this.#app.runFolders.length === 0) return;
        clearInterval(look);
        callOff = inRun(strike);
      }, 5);
      return () => {
        clearInterval(look);
        callOff();
      };
    };
  }

  #assertDone(what: string, { job }: JobSnapshot): void {
    if (job.state === 'done') return;
    this.#faults.push(`${what} is ${job.state}: ${job.error?.code ?? ''} ${job.error?.message ?? ''}`);
  }

  #compare(stage: keyof Reference['outcomes'], found: Outcome): void {
    for (const name of differences(this.#reference.outcomes[stage], found)) this.#faults.push(`${name} differs`);
  }

  #assertNothingUnfinished(folder: string): void {
    const places = [folder, path.join(folder, 'exports'), path.join(folder, 'runs')];
    for (const name of places.flatMap(unfinishedIn)) this.#faults.push(`${name} is not cleared away`);
  }
}
