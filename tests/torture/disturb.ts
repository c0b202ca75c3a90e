/** One case of the campaign: work that is killed at its moments, taken up again, and compared with undisturbed work. */
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { RunFolders } from '../../src-main/workspace/runFolders.ts';
import { removeUnfinished } from '../../src-main/util/fsAtomic.ts';
import type { Moment, TortureCase, Victim } from './cases.ts';
import { exportParameters, trainParameters, type Materials, type Reference } from './materials.ts';
import { differences, outcomeOfAnalysis, outcomeOfExport, outcomeOfRun, strangersIn, type Outcome } from './outcome.ts';
import {
  afterSeconds,
  askToEnd,
  runCommand,
  unfinishedIn,
  whileWriting,
  type Disturbance,
  type Ended,
} from './program.ts';

export interface CaseResult {
  /** Times that the process was really hit before its end. */
  readonly hits: number;
  /** What was not as it must be; empty when nothing was lost. */
  readonly faults: readonly string[];
  /** Of the app: which of its processes were hit. */
  readonly killed?: readonly Victim[];
}

/** @param folder of this case alone; made here */
export async function disturb(
  torture: TortureCase,
  materials: Materials,
  reference: Reference,
  folder: string,
): Promise<CaseResult> {
  mkdirSync(folder, { recursive: true });
  const work = new DisturbedWork(torture, materials, reference, folder);
  switch (torture.stage) {
    case 'analysis':
      return work.analyse();
    case 'training':
    case 'checkpoint':
    case 'cancel':
      return work.train();
    case 'merge':
    case 'gguf':
      return work.export(torture.stage);
  }
}

class DisturbedWork {
  readonly #case: TortureCase;
  readonly #materials: Materials;
  readonly #reference: Reference;
  readonly #folder: string;
  readonly #faults: string[] = [];
  #hits = 0;

  constructor(torture: TortureCase, materials: Materials, reference: Reference, folder: string) {
    this.#case = torture;
    this.#materials = materials;
    this.#reference = reference;
    this.#folder = folder;
  }

  async analyse(): Promise<CaseResult> {
    const parameters = ['analyze', this.#materials.model, '--json'];
    for (const moment of this.#case.moments) await this.#struck(parameters, this.#inTime('analysis', moment));
    const ended = await this.#inPeace(parameters);
    if (ended.code === 0) this.#compare('analysis', outcomeOfAnalysis(ended.stdout));
    return this.#result();
  }

  async train(): Promise<CaseResult> {
    const directory = path.join(this.#folder, 'runs');
    const run = path.join(directory, 'run');
    const checkpoints = path.join(run, 'checkpoints');
    for (const moment of this.#case.moments) {
      const disturbance =
        this.#case.stage === 'checkpoint'
          ? whileWriting(checkpoints, moment.unfinished, moment.delayMilliseconds)
          : this.#inTime('training', moment);
      await this.#struck(this.#nextTraining(run), disturbance);
      await this.#assertOffered(directory, run);
    }
    await this.#inPeace(this.#nextTraining(run));
    this.#compare('training', await outcomeOfRun(run));
    for (const name of strangersIn(run)) this.#faults.push(`${name} was left in the run`);
    return this.#result();
  }

  async export(stage: 'merge' | 'gguf'): Promise<CaseResult> {
    const run = path.join(this.#folder, 'run');
    cpSync(this.#reference.run, run, { recursive: true });
    const target = path.join(this.#folder, stage);
    const parameters = exportParameters(stage, run, target);
    for (const [i, moment] of this.#case.moments.entries()) {
      const writing = whileWriting(this.#folder, 1, 40 * moment.delayMilliseconds);
      await this.#struck(parameters, i % 2 === 0 ? writing : this.#inTime(stage, moment));
      if (existsSync(target)) break;
    }
    // A folder that is there is whole; then nothing is left to do.
    if (!existsSync(target)) await this.#inPeace(parameters);
    this.#compare(stage, outcomeOfExport(target));
    await removeUnfinished(this.#folder);
    for (const name of unfinishedIn(this.#folder)) this.#faults.push(`${name} is not cleared away`);
    return this.#result();
  }

  /** The first start, or the resumption, of the training. */
  #nextTraining(run: string): string[] {
    const begun = existsSync(path.join(run, 'run.json'));
    return begun ? ['resume', run, '--json'] : trainParameters(this.#materials, this.#case.scenario, run);
  }

  /** What the app does at its start: a run that began is listed as stopped, so that it can be resumed. */
  async #assertOffered(directory: string, run: string): Promise<void> {
    const begun = existsSync(path.join(run, 'run.json'));
    const listed = (await new RunFolders(directory).list()).find(({ path: folder }) => folder === run);
    if (!begun) return;
    if (listed === undefined) this.#faults.push('the run is not listed after the kill');
    else if (!['stopped', 'done'].includes(listed.record.state)) {
      this.#faults.push(`the run is listed as ${listed.record.state} after the kill`);
    }
  }

  #inTime(stage: keyof Reference['seconds'], { share }: Moment): Disturbance {
    return afterSeconds(share * this.#reference.seconds[stage]);
  }

  async #struck(parameters: readonly string[], disturbance: Disturbance): Promise<void> {
    const cancels = this.#case.stage === 'cancel';
    const ended = await runCommand(this.#places(), parameters, disturbance, cancels ? askToEnd : undefined);
    if (ended.disturbed && (ended.signal === 'SIGKILL' || (cancels && ended.code === 130))) this.#hits += 1;
    const asAsked = cancels ? ended.code === 130 : ended.signal === 'SIGKILL';
    if (ended.code !== 0 && !asAsked) this.#blame(parameters, ended);
  }

  async #inPeace(parameters: readonly string[]): Promise<Ended> {
    const ended = await runCommand(this.#places(), parameters);
    if (ended.code !== 0) this.#blame(parameters, ended);
    return ended;
  }

  #blame([command = '']: readonly string[], { code, signal, stderr }: Ended): void {
    const end = signal ?? `code ${String(code)}`;
    this.#faults.push(`${command} ended with ${end}: ${stderr.trim().split('\n').slice(-3).join(' / ')}`);
  }

  #compare(stage: keyof Reference['outcomes'], found: Outcome): void {
    for (const name of differences(this.#reference.outcomes[stage], found)) this.#faults.push(`${name} differs`);
  }

  #places() {
    return {
      program: this.#materials.program,
      cache: path.join(this.#folder, 'cache'),
      threads: this.#case.scenario.threads,
    };
  }

  #result(): CaseResult {
    return { hits: this.#hits, faults: this.#faults };
  }
}
