import { readFileSync, writeFileSync } from 'node:fs';

/**
 * The most resident memory that this process has had since a moment. On Linux the kernel’s own high-water mark, set back
 * at that moment (proc(5)); elsewhere that of the whole life of the process where it has risen since, else the most of
 * the moments at which it was looked at.
 */
export class PeakMemory {
  readonly #exact: boolean;
  readonly #before: number;
  #most = process.memoryUsage.rss();

  constructor() {
    this.#exact = setBack();
    this.#before = lifelong();
  }

  /** Looks now. */
  bytes(): number {
    const all = (this.#exact ? highWater() : undefined) ?? lifelong();
    const known = this.#exact || all > this.#before ? all : 0;
    this.#most = Math.max(this.#most, process.memoryUsage.rss(), known);
    return this.#most;
  }
}

function lifelong(): number {
  return process.resourceUsage().maxRSS * 1024;
}

function setBack(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
    return highWater() !== undefined;
  } catch {
    return false;
  }
}

function highWater(): number | undefined {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
