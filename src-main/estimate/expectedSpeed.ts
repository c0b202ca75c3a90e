import { keptSpeed } from '../speed/keptSpeed.ts';
import { fixedThreads } from '../speed/threadVariables.ts';
import type { SpeedMeasurement } from '../contract/speed.ts';
import { knownSpeed } from './speed.ts';

/** Operations a second that a training is expected to reach, and where that is known from. */
export interface ExpectedSpeed {
  readonly flopsPerSecond: number;
  readonly from: 'run' | 'calibration';
}

/**
 * What a training reaches of the probe's rate. Five steps of SmolLM2-135M with LoRA of rank 8 on E2E, 8 rows, as
 * `training-speed.json` kept them, beside the mean of `sara doctor --rate` before and after: 66.2 of 105.8 GFLOP/s with
 * one thread, 105.0 of 165.3 with two (two cores of an Intel Xeon, nothing else at work).
 */
const shareOfProbe = 0.63;

/** Smaller models than an eighth of the probe's, SmolLM2-135M, have smaller products: its rate says nothing of them. */
const fewestParameters = 17e6;

/**
 * As measured in a run of the model or one like it, else as the short probe of this computer promises. Undefined where
 * neither is there.
 */
export async function expectedSpeed(modelHash: string, parameters: number): Promise<ExpectedSpeed | undefined> {
  const measured = await knownSpeed(modelHash, parameters);
  if (measured !== undefined) return { flopsPerSecond: measured, from: 'run' };
  if (parameters < fewestParameters) return undefined;
  const kept = await keptSpeed();
  if (kept === undefined) return undefined;
  return { flopsPerSecond: shareOfProbe * rateInForce(kept), from: 'calibration' };
}

/** The rate with the threads that the engine has here: the nearest that was measured without having more. */
function rateInForce({ rates, threads }: SpeedMeasurement): number {
  const inForce = fixedThreads(process.env)?.threads ?? threads;
  const fewer = rates.filter((rate) => rate.threads <= inForce);
  return (fewer.at(-1) ?? rates[0])?.flopsPerSecond ?? NaN;
}
