/** One input: its files are laid down, used as the app does, and what must not happen is told. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Rng } from '../../src-main/util/rng.ts';
import { isRefusal, type Files, type Format } from './format.ts';
import { beginWatching, endWatching } from './pathGuard.ts';

/** Bounds of one input, with what they are for. */
export const bounds = {
  /** Processor time: a person waits for it in the window. Time of the clock would count other programs too. */
  cpuSeconds: 1,
  /** Resident memory beyond what the process has before; the inputs have some kilobytes. */
  residentBytes: 600 * 2 ** 20,
} as const;

export interface Verdict {
  readonly fault?: string;
  readonly cpuSeconds: number;
  /** Whether the files were taken for sound. */
  readonly accepted: boolean;
}

/** Makes the files of an input. */
export function inputOf(format: Format, seed: number): Files {
  return format.make(new Rng(seed).fork(format.name));
}

/** Rejections that nobody handled. */
const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

export class Trials {
  readonly #format: Format;
  readonly #folder: string;
  readonly #cpuSeconds: number;
  readonly #residentBefore = residentPeak();
  #laid: readonly string[] = [];

  /**
   * @param folder of these trials alone
   * @param cpuSeconds what an input may take
   */
  constructor(format: Format, folder: string, cpuSeconds: number = bounds.cpuSeconds) {
    this.#format = format;
    this.#folder = folder;
    this.#cpuSeconds = cpuSeconds;
    this.#empty();
  }

  /** Uses the files, whatever they are; the process may die of it. */
  async run(files: Files): Promise<Verdict> {
    this.#lay(files);
    const before = process.cpuUsage();
    beginWatching(this.#folder);
    let thrown: unknown;
    try {
      await this.#format.use(this.#folder);
    } catch (error) {
      thrown = error;
    }
    const outside = endWatching();
    const { user, system } = process.cpuUsage(before);
    const cpuSeconds = (user + system) / 1e6;
    const fault = this.#faultOf(thrown, outside, cpuSeconds);
    return { ...(fault === undefined ? {} : { fault }), cpuSeconds, accepted: thrown === undefined };
  }

  #faultOf(thrown: unknown, outside: readonly string[], cpuSeconds: number): string | undefined {
    if (thrown !== undefined && !isRefusal(thrown)) return `an error without a code: ${described(thrown)}`;
    const [left] = outside;
    if (left !== undefined) return `the folder was left: ${left}`;
    const rejection = rejections.pop();
    if (rejection !== undefined) return `a rejection that nobody handles: ${described(rejection)}`;
    const polluted = pollution();
    if (polluted !== undefined) return `the prototype of all objects has ${polluted}`;
    if (cpuSeconds > this.#cpuSeconds) return `it took ${cpuSeconds.toFixed(1)} s of processor time`;
    // The highest that the process ever had: told once, at the input that reached it.
    const resident = residentPeak();
    if (resident > this.#residentBefore + bounds.residentBytes)
      return `the process had ${(resident / 2 ** 20).toFixed(0)} MB in memory`;
    return undefined;
  }

  /** The sound files of the format with those of the input in their place. */
  #lay(files: Files): void {
    if (this.#laid.length > 0) this.#empty();
    for (const [name, content] of Object.entries(files)) this.#write(name, content);
    this.#laid = Object.keys(files);
  }

  #empty(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true });
    for (const [name, content] of Object.entries(this.#format.sound)) this.#write(name, content);
  }

  #write(name: string, content: string | Uint8Array): void {
    const file = path.join(this.#folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

function residentPeak(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** What has been added to objects in general. */
function pollution(): string | undefined {
  for (const key in {}) return key;
  const own = Object.getOwnPropertyNames(Object.prototype);
  return own.length === soundNames ? undefined : own.at(-1);
}
const soundNames = Object.getOwnPropertyNames(Object.prototype).length;

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split('\n').find((line) => line.includes(' at ')) ?? '';
  return `${error.name}: ${error.message.slice(0, 300)} ${place.trim()}`;
}
