import { datasetLoss, type DatasetLoss } from '../evaluation/datasetLoss.ts';
import { GateMeter } from '../evaluation/gateMeter.ts';
import { report, type TrainSession } from './session.ts';

/** Six digits of a gate are plenty for pictures, and keep the log small. */
const digits = 1e6;

export interface HeldOut extends DatasetLoss {
  /** −log p of the labels of each row. */
  readonly each: readonly Float32Array[];
  /** Means over these rows, by matrix; undefined where the method has no gates. */
  readonly meanGates: ReadonlyMap<string, readonly number[]> | undefined;
}

/**
 * Loss over the held-out rows; where the method has gates, also reports their means over these rows.
 * @throws AppError CANCELLED
 */
export async function heldOutLoss(session: TrainSession): Promise<HeldOut> {
  const { decoder, adapters, data, config, context, progress } = session;
  const meter = new GateMeter();
  const each: Float32Array[] = data.validation.map(() => new Float32Array());
  const result = await meter.during(decoder.kernels, adapters, () =>
    datasetLoss(decoder, data.validation, config.batchSize, context.signal, {
      onExample: (index, losses) => {
        each[index] = losses;
      },
      everyToken: adapters.gates !== undefined,
    }),
  );
  const rounded = (values: readonly number[]): number[] => values.map((value) => Math.round(value * digits) / digits);
  const statistics = meter.statistics();
  const matrices = statistics.map(({ name, mean, deviation }) => {
    return { name, mean: rounded(mean), deviation: rounded(deviation) };
  });
  if (matrices.length > 0 && Number.isFinite(result.loss))
    await report(session, { event: 'gates', step: progress.step, matrices });
  const meanGates = adapters.gates && new Map(statistics.map(({ name, mean }) => [name, mean]));
  return { ...result, each, meanGates };
}
