import { equalBudgetLoraRank } from '../contract/rank.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { Estimate } from '../contract/training.ts';
import type { MatrixCost } from '../methods/method.ts';
import { countTrainable, methodOf } from '../methods/registry.ts';
import { archWeights } from '../models/archWeights.ts';
import { openModel } from '../models/open.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel } from '../models/types.ts';
import { availableMemory } from '../util/memory.ts';
import { dataCost, type DataCost } from './dataCost.ts';
import { forwardFlops, trainingFlops } from './flops.ts';
import { estimateMemory } from './memory.ts';
import { modelCost, type ModelCost } from './modelCost.ts';
import { estimateRanks, type EstimatedRanks } from './ranks.ts';
import { keepSpeed, knownSpeed } from './speed.ts';
import { trainedWeights, type TrainedWeights } from './trainedWeights.ts';
import { weightBytes } from './weightBytes.ts';

/** Adapters are saved as float32 with a small header for each matrix. */
const headerBytesPerMatrix = 300;

/**
 * Memory, arithmetic and time of a run before it starts. Loads neither TensorFlow nor weights.
 * @throws AppError FAMILY_UNSUPPORTED, SETTINGS_INVALID, and what reading model and data throws
 */
export async function estimateRun(config: TrainConfig, signal: AbortSignal): Promise<Estimate> {
  const model = await openModel(config.model, signal);
  try {
    const available = await availableMemory();
    const run = await costOfRun(model, config, signal);
    const { cost, data, ranks, costs, trainable, atMost } = run;
    methodOf(config.method).checkSteps?.(config.method, data.steps);
    const memory = estimateMemory({
      cost,
      weights: weightBytes(requireArch(model), model.source, config.weights, available, run.own?.names),
      trainable,
      ...(run.own === undefined ? {} : { largestTrained: run.own.largest }),
      frozenValues: sum(costs, ({ frozen, trainingState = 0 }) => frozen + trainingState),
      keptByAdapters: sum(costs, ({ keptPerToken }) => keptPerToken),
      batch: data.largestBatch,
      activationCheckpointing: config.activationCheckpointing,
    });
    const flops = totalFlops(run, config);
    const speed = await knownSpeed(await model.source.hash(signal), model.summary.parameters);
    return {
      memory,
      availableMemory: available,
      fits: memory.total <= available,
      trainable,
      parameters: model.summary.parameters,
      adapterBytes: memory.adapters + headerBytesPerMatrix * ranks.length,
      equalBudgetLoraRank: equalBudgetLoraRank(
        ranks.map(({ shape }) => shape),
        trainable,
      ),
      steps: data.steps,
      tokens: Math.round(data.training.tokens),
      flops,
      ...(speed === undefined ? {} : { seconds: flops / speed }),
      ...(atMost ? { atMost } : {}),
    };
  } finally {
    await model.close();
  }
}

/**
 * Remembers how fast a run was, for later estimates.
 * @param tokensPerSecond of its training steps, see SpeedMeter
 * @throws AppError what reading model and data throws
 */
export async function recordSpeed(config: TrainConfig, tokensPerSecond: number, signal: AbortSignal): Promise<void> {
  const model = await openModel(config.model, signal);
  try {
    const run = await costOfRun(model, config, signal);
    const { data } = run;
    const flops = flopsOfTraining(run, config);
    await keepSpeed({
      modelHash: await model.source.hash(signal),
      parameters: model.summary.parameters,
      flopsPerSecond: (flops / data.training.tokens) * tokensPerSecond,
    });
  } finally {
    await model.close();
  }
}

interface RunCost extends EstimatedRanks {
  readonly cost: ModelCost;
  readonly data: DataCost;
  /** Of each adapter. */
  readonly costs: readonly MatrixCost[];
  readonly trainable: number;
  /** Weights of the model that are trained themselves; undefined where adapters are. */
  readonly own: TrainedWeights | undefined;
}

async function costOfRun(model: OpenedModel, config: TrainConfig, signal: AbortSignal): Promise<RunCost> {
  const arch = requireArch(model);
  const estimated = await estimateRanks(model, config, signal);
  const { method } = config;
  return {
    ...estimated,
    costs: estimated.ranks.map((matrix) => methodOf(method).cost(matrix, method)),
    cost: modelCost(arch),
    data: await dataCost(config, await model.tokenizer(), arch, signal),
    trainable: countTrainable(estimated.ranks, method, archWeights(arch)),
    own: trainedWeights(method, estimated.ranks, arch),
  };
}

/** Training, and every evaluation: of the base model, every so many steps, and at the end. */
function totalFlops(run: RunCost, config: TrainConfig): number {
  const { cost, data } = run;
  const training = flopsOfTraining(run, config);
  if (data.evaluation === undefined) return training;
  const every = config.evaluateEvery;
  const between = every > 0 ? Math.ceil(data.steps / every) - 1 : 0;
  return training + (2 + between) * forwardFlops(cost, data.evaluation, adapterValues(run), frozenValues(run));
}

function flopsOfTraining(run: RunCost, { activationCheckpointing }: TrainConfig): number {
  const { cost, data, own } = run;
  return trainingFlops(cost, data.training, adapterValues(run), activationCheckpointing, frozenValues(run), own);
}

/** Trained values that a token meets besides the model's own. */
function adapterValues({ trainable, own }: RunCost): number {
  return own === undefined ? trainable : 0;
}

function frozenValues({ costs }: RunCost): number {
  return sum(costs, ({ frozen }) => frozen);
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
