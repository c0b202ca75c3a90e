import { formatBytes, formatCount } from '../contract/format.ts';

/** What a step leaves in memory. */
export interface MemoryUse {
  /** Tensors alive between two steps, and their bytes. */
  readonly tensors: number;
  readonly tensorBytes: number;
  readonly residentBytes: number;
}

/** Steps of which the smallest figures count, so that passing peaks (an evaluation, a checkpoint) are not growth. */
const windowSteps = 50;
/** Windows until caches and the allocator have settled. */
const settledWindows = 4;
/** Resident memory has grown when it stands this much, and this share, above where it settled. */
const grownBytes = 256 * 2 ** 20;
const grownShare = 0.1;

interface Window {
  readonly step: number;
  readonly floor: MemoryUse;
}

/** Follows the memory of a training and says once, in a sentence, when it grows from step to step. */
export class MemoryWatch {
  #current: MemoryUse | undefined;
  #observed = 0;
  #windows = 0;
  #settled: Window | undefined;
  #last: Window | undefined;
  #risingTensors = 0;
  #told = false;

  /** @returns what to tell the person, when this step shows it */
  observe(step: number, use: MemoryUse): string | undefined {
    this.#current = floorOf(this.#current, use);
    this.#observed += 1;
    if (this.#observed < windowSteps) return undefined;
    const window: Window = { step, floor: this.#current };
    this.#current = undefined;
    this.#observed = 0;
    this.#windows += 1;
    if (this.#windows === settledWindows) this.#settled = window;
    const rises = this.#last !== undefined && window.floor.tensors > this.#last.floor.tensors;
    this.#risingTensors = rises ? this.#risingTensors + 1 : 0;
    this.#last = window;
    return this.#told ? undefined : this.#judge(window);
  }

  #judge(now: Window): string | undefined {
    const then = this.#settled;
    if (then === undefined || then === now) return undefined;
    const growth = now.floor.residentBytes - then.floor.residentBytes;
    const resident = growth > Math.max(grownBytes, grownShare * then.floor.residentBytes);
    if (!resident && this.#risingTensors < settledWindows) return undefined;
    this.#told = true;
    const between = (figure: (use: MemoryUse) => string): string => `${figure(then.floor)} to ${figure(now.floor)}`;
    return (
      `Memory grows: from step ${String(then.step)} to ${String(now.step)} the engine went from ` +
      `${between((use) => formatBytes(use.residentBytes))}, tensors from ${between((use) => formatCount(use.tensors))} ` +
      `(${between((use) => formatBytes(use.tensorBytes))}). Stop and resume the run: it goes on in a new process; and report this.`
    );
  }
}

function floorOf(a: MemoryUse | undefined, b: MemoryUse): MemoryUse {
  if (a === undefined) return b;
  return {
    tensors: Math.min(a.tensors, b.tensors),
    tensorBytes: Math.min(a.tensorBytes, b.tensorBytes),
    residentBytes: Math.min(a.residentBytes, b.residentBytes),
  };
}
