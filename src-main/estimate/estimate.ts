import { equalBudgetLoraRank } from '../contract/rank.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { Estimate, RunNeeds, TimeNeeds } from '../contract/training.ts';
import type { MatrixCost } from '../methods/method.ts';
import { countTrainable, methodOf } from '../methods/registry.ts';
import { archWeights } from '../models/archWeights.ts';
import { openModel } from '../models/open.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel } from '../models/types.ts';
import { freeSpace } from '../util/diskSpace.ts';
import { availableMemory } from '../util/memory.ts';
import { homeDirectory } from '../util/paths.ts';
import { dataCost, runLengths, type DataCost, type RunLengths } from './dataCost.ts';
import { estimateDisk } from './disk.ts';
import { forwardFlops, trainingFlops } from './flops.ts';
import { estimateMemory } from './memory.ts';
import { modelCost, type ModelCost } from './modelCost.ts';
import { estimateRanks, type EstimatedRanks } from './ranks.ts';
import { expectedSpeed, type ExpectedSpeed } from './expectedSpeed.ts';
import { keepSpeed } from './speed.ts';
import { trainedWeights, type TrainedWeights } from './trainedWeights.ts';
import { weightBytes } from './weightBytes.ts';

/** Adapters are saved as float32 with a small header for each matrix. */
const headerBytesPerMatrix = 300;

/** What an estimate is made of besides the settings; settings can then be tried one after another. */
export interface RunFacts extends EstimatedRanks {
  readonly model: OpenedModel;
  readonly lengths: RunLengths;
  /** Bytes of memory that a run can use. */
  readonly available: number;
  /** Undefined before anything was measured. */
  readonly speed: ExpectedSpeed | undefined;
}

/**
 * Memory, disk, arithmetic and time of a run before it starts. Loads neither TensorFlow nor weights.
 * @throws AppError FAMILY_UNSUPPORTED, SETTINGS_INVALID, and what reading model and data throws
 */
export async function estimateRun(config: TrainConfig, signal: AbortSignal): Promise<Estimate> {
  const model = await openModel(config.model, signal);
  try {
    return estimateOf(config, await factsOf(model, config, signal), await freeSpace(homeDirectory()));
  } finally {
    await model.close();
  }
}

/** @throws AppError as {@link estimateRun} */
export async function factsOf(model: OpenedModel, config: TrainConfig, signal: AbortSignal): Promise<RunFacts> {
  const arch = requireArch(model);
  const ranks = await estimateRanks(model, config, signal);
  const lengths = await runLengths(config, await model.tokenizer(), arch, signal);
  return { model, lengths, ...ranks, ...(await computerFacts(model, signal)) };
}

/** What a run of a model can count on here: memory, and a speed. */
export async function computerFacts(
  model: OpenedModel,
  signal: AbortSignal,
): Promise<Pick<RunFacts, 'available' | 'speed'>> {
  return {
    available: await availableMemory(),
    speed: await expectedSpeed(await model.source.hash(signal), model.summary.parameters),
  };
}

/**
 * @param free bytes on the disk
 * @throws AppError SETTINGS_INVALID
 */
export function estimateOf(config: TrainConfig, facts: RunFacts, free: number | undefined): Estimate {
  const run = costOfRun(config, facts);
  const { data, trainable } = run;
  const { ranks, available, atMost, model } = facts;
  methodOf(config.method).checkSteps?.(config.method, data.steps);
  const flops = totalFlops(run, config);
  const needs = needsOf(config, facts, run, flops);
  return {
    ...needs,
    availableMemory: available,
    ...(free === undefined ? {} : { freeDisk: free }),
    fits: needs.memory.total <= available,
    fitsDisk: free === undefined || needs.disk.total <= free,
    trainable,
    parameters: model.summary.parameters,
    adapterBytes: needs.memory.adapters + headerBytesPerMatrix * ranks.length,
    equalBudgetLoraRank: equalBudgetLoraRank(
      ranks.map(({ shape }) => shape),
      trainable,
    ),
    steps: data.steps,
    tokens: Math.round(data.training.tokens),
    flops: flops.training + flops.evaluation,
    ...timeOf(needs, facts.speed),
    ...(atMost ? { atMost } : {}),
  };
}

function timeOf(
  { time }: Pick<RunNeeds, 'time'>,
  speed: ExpectedSpeed | undefined,
): Pick<Estimate, 'seconds' | 'secondsFrom'> {
  return time === undefined || speed === undefined
    ? {}
    : { seconds: time.training + time.evaluation, secondsFrom: speed.from };
}

/** What a run is expected to take, to be kept with it. */
export function runNeeds(config: TrainConfig, facts: RunFacts): RunNeeds {
  const run = costOfRun(config, facts);
  return needsOf(config, facts, run, totalFlops(run, config));
}

function needsOf(config: TrainConfig, facts: RunFacts, run: RunCost, flops: TimeNeeds): RunNeeds {
  const { cost, data, costs, trainable, own } = run;
  const { model, ranks, available, speed } = facts;
  const frozen = frozenValues(run);
  const trainingState = sum(costs, (matrix) => matrix.trainingState ?? 0);
  const memory = estimateMemory({
    cost,
    weights: weightBytes(requireArch(model), model.source, config.weights, available, own?.names),
    trainable,
    ...(own === undefined ? {} : { largestTrained: own.largest }),
    frozenValues: frozen + trainingState,
    keptByAdapters: sum(costs, ({ keptPerToken }) => keptPerToken),
    batch: data.largestBatch,
    ...(data.evaluationBatch === undefined ? {} : { evaluationBatch: data.evaluationBatch }),
    largestSaved: own?.largest ?? Math.max(0, ...ranks.map((matrix) => matrix.trainable)),
    activationCheckpointing: config.activationCheckpointing,
    rounded: config.products === 'bfloat16',
  });
  const { steps, heldOutRows } = data;
  const matrices = ranks.length;
  const disk = estimateDisk({ config, steps, trainable, frozenValues: frozen, trainingState, matrices, heldOutRows });
  if (speed === undefined) return { memory, disk };
  const perSecond = speed.flopsPerSecond;
  return { memory, disk, time: { training: flops.training / perSecond, evaluation: flops.evaluation / perSecond } };
}

/**
 * Remembers how fast a run was, for later estimates.
 * @param tokensPerSecond of its training steps, see SpeedMeter
 * @throws AppError what reading model and data throws
 */
export async function recordSpeed(config: TrainConfig, tokensPerSecond: number, signal: AbortSignal): Promise<void> {
  // One speed is kept for a model, and most runs are float32.
  if (config.products !== 'float32') return;
  const model = await openModel(config.model, signal);
  try {
    const run = costOfRun(config, await factsOf(model, config, signal));
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

interface RunCost {
  readonly cost: ModelCost;
  readonly data: DataCost;
  /** Of each adapter. */
  readonly costs: readonly MatrixCost[];
  readonly trainable: number;
  /** Weights of the model that are trained themselves; undefined where adapters are. */
  readonly own: TrainedWeights | undefined;
}

function costOfRun(config: TrainConfig, { model, ranks, lengths }: RunFacts): RunCost {
  const arch = requireArch(model);
  const { method } = config;
  return {
    costs: ranks.map((matrix) => methodOf(method).cost(matrix, method)),
    cost: modelCost(arch),
    data: dataCost(config, lengths),
    trainable: countTrainable(ranks, method, archWeights(arch)),
    own: trainedWeights(method, ranks, arch),
  };
}

/** Operations of training, and of every evaluation: of the base model, every so many steps, and at the end. */
function totalFlops(run: RunCost, config: TrainConfig): TimeNeeds {
  const { cost, data } = run;
  const training = flopsOfTraining(run, config);
  if (data.evaluation === undefined) return { training, evaluation: 0 };
  const every = config.evaluateEvery;
  const between = every > 0 ? Math.ceil(data.steps / every) - 1 : 0;
  const each = forwardFlops(cost, data.evaluation, adapterValues(run), frozenValues(run));
  return { training, evaluation: (2 + between) * each };
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
