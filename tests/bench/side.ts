/** A process of one side, spoken to in lines of JSON. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { answerMark, type Answer, type Facts, type Job, type Outcome, type Request } from './jobs.ts';
import { peakOfTree } from './processMemory.ts';

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A job that is open in a process of its own. */
export class Side {
  readonly name: string;
  readonly #child: ChildProcess;
  #facts: Facts = { values: {} };
  #openSeconds = NaN;
  #waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void } | undefined;
  #heard = '';

  private constructor({ name, command, parameters, environment }: Program) {
    this.name = name;
    const child = spawn(command, [...parameters], { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#heard = `${this.#heard}${text}`.slice(-4000);
    });
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line));
    child.on('error', (error) => this.#fail(error.message));
    child.on('close', (code, signal) => this.#fail(`it ended with ${String(code ?? signal)}.\n${this.#heard}`));
    // The reason is in the close event.
    child.stdin.on('error', () => undefined);
  }

  /** Starts the program and opens the job. @throws Error with what the side says */
  static async open(program: Program, job: Job): Promise<Side> {
    const begun = performance.now();
    const side = new Side(program);
    try {
      side.#facts = (await side.#ask({ open: job })) as Facts;
      side.#openSeconds = (performance.now() - begun) / 1000;
      return side;
    } catch (error) {
      side.#child.kill('SIGKILL');
      throw error;
    }
  }

  /** What the side said when it was ready. */
  get facts(): Facts {
    return this.#facts;
  }

  /** From the start of the process until the job was open. */
  get openSeconds(): number {
    return this.#openSeconds;
  }

  async run(round: number): Promise<Outcome> {
    return (await this.#ask({ run: round })) as Outcome;
  }

  /** Largest resident memory of the process and of those it started, in bytes; then it ends. */
  async end(): Promise<number> {
    const { pid } = this.#child;
    const tree = pid === undefined ? undefined : peakOfTree(pid);
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    const { maximumResidentBytes } = (await this.#ask({ end: true })) as { readonly maximumResidentBytes: number };
    await closed;
    return tree ?? maximumResidentBytes;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(request: Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    });
  }

  #hear(line: string): void {
    if (!line.startsWith(answerMark)) return;
    const answer = JSON.parse(line.slice(answerMark.length)) as Answer<unknown>;
    if ('error' in answer) this.#fail(answer.error);
    else {
      this.#waiting?.resolve(answer.value);
      this.#waiting = undefined;
    }
  }

  #fail(reason: string): void {
    this.#waiting?.reject(new Error(`${this.name}: ${reason}`));
    this.#waiting = undefined;
  }
}
