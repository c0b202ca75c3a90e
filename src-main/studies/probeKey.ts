import { createHash } from 'node:crypto';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { ProbeSettings } from '../contract/studies.schema.ts';
import type { PreparedData } from '../training/prepareData.ts';

/** Part of every key: raised when the same settings no longer give the same loss. */
const version = 1;

/** What of a configuration decides the outcome of a probe, besides weights, tokens and the matrices adapted. */
type Deciding = Omit<ProbeSettings, 'data' | 'activationCheckpointing'> &
  Pick<TrainConfig, 'method' | 'learningRate' | 'seed'>;

/**
 * The key of a probe: equal for equal trainings wherever their files lie, different as soon as weights, tokens, matrices
 * or a setting differ.
 * @param modelHash `WeightSource.hash`
 * @param dataHash {@link hashOfData}
 * @param matrices module paths of the adapted matrices
 */
export function probeKey(
  modelHash: string,
  dataHash: string,
  matrices: readonly string[],
  config: TrainConfig & { readonly steps: number },
): string {
  const settings: Deciding = {
    method: config.method,
    learningRate: config.learningRate,
    seed: config.seed,
    steps: config.steps,
    batchSize: config.batchSize,
    accumulation: config.accumulation,
    sequenceLength: config.sequenceLength,
    packing: config.packing,
    lengthBuckets: config.lengthBuckets,
    schedule: config.schedule,
    warmupSteps: config.warmupSteps,
    weightDecay: config.weightDecay,
    betas: config.betas,
    epsilon: config.epsilon,
    clipNorm: config.clipNorm,
  };
  return keyOf('probe', { version, modelHash, dataHash, matrices, settings });
}

/** sha256 over training and held-out rows as tokens and loss flags. */
export function hashOfData({ train, validation }: Pick<PreparedData, 'train' | 'validation'>): string {
  const hash = createHash('sha256');
  for (const rows of [train, validation]) {
    hash.update(Int32Array.of(rows.length));
    for (const { ids, loss } of rows) {
      hash.update(Int32Array.of(ids.length));
      hash.update(ids);
      hash.update(loss);
    }
  }
  return hash.digest('hex');
}

/** `KIND-…`: sha256 of plain JSON in which the order of properties makes no difference. */
export function keyOf(kind: string, value: unknown): string {
  return `${kind}-${createHash('sha256')
    .update(JSON.stringify(canonical(value)))
    .digest('hex')
    .slice(0, 40)}`;
}

/** Properties in order of their names; settings that are off are left out, so that a new one makes no point unknown. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([, entry]) => entry !== undefined && entry !== false && entry !== 0 && entry !== null,
  );
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, entry]) => [name, canonical(entry)]),
  );
}
