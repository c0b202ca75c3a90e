import type { ThreadRate } from '../contract/speed.ts';
import { keepMeasurement } from '../speed/keptSpeed.ts';
import { measureThisComputer } from '../speed/measureThreads.ts';
import { fixedThreads } from '../speed/threadVariables.ts';
import { AppError } from '../util/appError.ts';
import type { CommandCall } from './command.ts';

/**
 * Measures how fast the engine is with which number of threads, and keeps the choice.
 * @throws AppError USAGE where a variable of the person's decides the number
 */
export async function measureSpeed({ output, rateWith }: CommandCall): Promise<void> {
  const fixed = fixedThreads(process.env);
  if (fixed !== undefined) {
    throw new AppError(
      'USAGE',
      `${fixed.variable}=${String(fixed.threads)} of the environment decides the number of threads, so nothing was measured; take it out of the environment first.`,
    );
  }
  // Ctrl-C ends the process that measures, and with it this.
  const measurement = await measureThisComputer(
    {
      measure: async (threads) => rateWith(threads),
      now: () => new Date(),
      onProgress: (done, total, threads) => output.progress(`measuring with ${threadsText(threads)}`, done / total),
    },
    new AbortController().signal,
  );
  await keepMeasurement(measurement);
  if (output.json) {
    output.value(measurement);
    return;
  }
  for (const line of rateLines(measurement.rates, measurement.threads)) output.line(line);
}

/** `2 threads: 143 GFLOP/s`, one line each; the chosen one is marked. */
export function rateLines(rates: readonly ThreadRate[], chosen?: number): string[] {
  return rates.map(
    ({ threads, flopsPerSecond }) =>
      `${threadsText(threads)}: ${(flopsPerSecond / 1e9).toFixed(1)} GFLOP/s${threads === chosen ? ' (chosen)' : ''}`,
  );
}

function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${String(threads)} threads`;
}
