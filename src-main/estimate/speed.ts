import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TrainEvent } from '../contract/training.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { cacheDirectory } from '../util/paths.ts';

/** Measured training speed of models on this computer, the newest last. */
interface SpeedFile {
  readonly version: 1;
  readonly speeds: readonly MeasuredSpeed[];
}

interface MeasuredSpeed {
  readonly modelHash: string;
  /** Parameters of the model: small ones reach fewer operations a second. */
  readonly parameters: number;
  readonly flopsPerSecond: number;
}

const entriesKept = 50;

/** A speed is taken over from another model of up to this many times more or fewer parameters. */
const likeSize = 8;

/**
 * Operations a second to expect of a model on this computer: as measured with it, else with the model nearest in size.
 * Undefined where nothing comparable was measured.
 */
export async function knownSpeed(modelHash: string, parameters: number): Promise<number | undefined> {
  const { speeds } = await readSpeeds();
  const own = speeds.find((speed) => speed.modelHash === modelHash);
  if (own !== undefined) return own.flopsPerSecond;
  const distance = (speed: MeasuredSpeed): number => Math.abs(Math.log(speed.parameters / parameters));
  const [nearest] = [...speeds].sort((a, b) => distance(a) - distance(b));
  return nearest !== undefined && distance(nearest) <= Math.log(likeSize) ? nearest.flopsPerSecond : undefined;
}

/** Remembers the speed of a run. A cache that cannot be written costs the next estimate its time, nothing else. */
export async function keepSpeed(speed: MeasuredSpeed): Promise<void> {
  if (!isMeasuredSpeed(speed)) return;
  const { speeds } = await readSpeeds();
  const others = speeds.filter((other) => other.modelHash !== speed.modelHash);
  const file: SpeedFile = { version: 1, speeds: [...others, speed].slice(-entriesKept) };
  try {
    await writeFileAtomic(speedPath(), `${JSON.stringify(file)}\n`);
  } catch {
    // See above.
  }
}

function speedPath(): string {
  return path.join(cacheDirectory(), 'training-speed.json');
}

async function readSpeeds(): Promise<SpeedFile> {
  const none: SpeedFile = { version: 1, speeds: [] };
  try {
    const file: unknown = JSON.parse(await readFile(speedPath(), 'utf8'));
    return isSpeedFile(file) ? file : none;
  } catch {
    return none;
  }
}

function isSpeedFile(value: unknown): value is SpeedFile {
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 1) return false;
  if (!('speeds' in value) || !Array.isArray(value.speeds)) return false;
  return value.speeds.every(isMeasuredSpeed);
}

function isMeasuredSpeed(value: unknown): value is MeasuredSpeed {
  if (typeof value !== 'object' || value === null || !('modelHash' in value)) return false;
  if (!('parameters' in value) || !('flopsPerSecond' in value)) return false;
  return typeof value.modelHash === 'string' && isPositive(value.parameters) && isPositive(value.flopsPerSecond);
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

/** Steps at the beginning that are slower than the others: memory is being claimed, caches are cold. */
const coldSteps = 2;

/** Listens to the events of a training and works out its tokens per second, evaluations and pauses left out. */
export class SpeedMeter {
  #steps = 0;
  #tokensBefore = 0;
  #tokens = 0;
  #seconds = 0;

  observe(event: TrainEvent): void {
    if (event.event !== 'step') return;
    const tokens = event.tokens - this.#tokensBefore;
    this.#tokensBefore = event.tokens;
    this.#steps += 1;
    // The first event of a resumed run counts tokens of before, too.
    if (this.#steps <= coldSteps || !(event.tokensPerSecond > 0)) return;
    this.#tokens += tokens;
    this.#seconds += tokens / event.tokensPerSecond;
  }

  /** Undefined after too few steps. */
  get tokensPerSecond(): number | undefined {
    return this.#seconds > 0 ? this.#tokens / this.#seconds : undefined;
  }
}
