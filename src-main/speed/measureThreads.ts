import type { MeasuredRate, SpeedMeasurement } from '../contract/speed.ts';
import { throwIfCancelled } from '../util/appError.ts';
import { candidateThreads, fewestOfTheFastest } from './chooseThreads.ts';
import { physicalCores, thisComputer, type ComputerFacts } from './thisComputer.ts';

export interface MeasureOptions {
  readonly computer: ComputerFacts;
  readonly physicalCores: number | undefined;
  /** Measures in a process of its own, which is gone when the answer comes. */
  readonly measure: (threads: number, signal: AbortSignal) => Promise<MeasuredRate>;
  readonly now: () => Date;
  /** Called before each process. */
  readonly onProgress?: (done: number, total: number, threads: number) => void;
}

/** As {@link measureThreads}, of the computer that this runs on. */
export async function measureThisComputer(
  options: Omit<MeasureOptions, 'computer' | 'physicalCores'>,
  signal: AbortSignal,
): Promise<SpeedMeasurement> {
  const computer = await thisComputer();
  return measureThreads({ ...options, computer, physicalCores: await physicalCores() }, signal);
}

/**
 * Measures one number of threads after the other and chooses. On a GPU the threads of the processor decide nothing that
 * is measured, so that all cores are kept.
 * @throws AppError CANCELLED, ENGINE_STOPPED, and what the measurement throws
 */
export async function measureThreads(options: MeasureOptions, signal: AbortSignal): Promise<SpeedMeasurement> {
  const { computer, physicalCores, measure, now, onProgress } = options;
  const candidates = candidateThreads(computer.cores, physicalCores);
  const measured: MeasuredRate[] = [];
  // All cores first: there it shows whether a GPU computes.
  for (const threads of [...candidates].reverse()) {
    throwIfCancelled(signal);
    onProgress?.(measured.length, candidates.length, threads);
    const rate = await measure(threads, signal);
    measured.push({ ...rate, threads });
    if (rate.device === 'gpu') break;
  }
  throwIfCancelled(signal);
  const rates = measured.map(({ threads, flopsPerSecond }) => ({ threads, flopsPerSecond })).reverse();
  return {
    ...computer,
    tensorflowVersion: measured[0]?.tensorflowVersion ?? '',
    device: measured[0]?.device ?? 'cpu',
    measuredAt: now().toISOString(),
    rates,
    threads: fewestOfTheFastest(rates),
  };
}
