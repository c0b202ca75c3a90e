/** Starts and resumes training runs. */
import { rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { OperationContext } from '../contract/engine.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { RunNeeds, RunRecord, TrainEvent } from '../contract/training.ts';
import { BatchPlanner, type BatchPosition } from '../data/batches.ts';
import { withTemplateOf } from '../data/ownTemplate.ts';
import { lengthsOf } from '../estimate/dataCost.ts';
import { computerFacts, runNeeds, type RunFacts } from '../estimate/estimate.ts';
import { methodOf } from '../methods/registry.ts';
import type { ArchSpec, OpenedModel, Tokenizer } from '../models/types.ts';
import type { CheckpointState } from '../runs/checkpointState.schema.ts';
import { checkpointSteps, dropCheckpointsAfter, openNewestCheckpoint } from '../runs/checkpoints.ts';
import { prepareRunFolder, readRunOrCopy, writeRun } from '../runs/runFolder.ts';
import { lockRun, type RunLock } from '../runs/runLock.ts';
import { availableMemory } from '../util/memory.ts';
import { AppError } from '../util/appError.ts';
import { isoTime } from '../util/clock.ts';
import { readCheckpointAdapter, readTensors } from './adapterFile.ts';
import { planStart } from './planStart.ts';
import { assertRoom } from './assertRoom.ts';
import { prepareData, type PreparedData } from './prepareData.ts';
import { restoreAdapters } from './restoreAdapters.ts';
import { doneEvent, runSession } from './runSession.ts';
import type { TrainEnvironment } from './trainEnvironment.ts';

/**
 * Trains a new run. Data, settings and ranks are checked before anything is written.
 * @param model opened by the caller, who closes it
 * @param run folder of the run; created, or empty
 * @returns run.json as it is at the end: `done`, or `stopped` when stopping was asked for
 * @throws AppError TARGET_EXISTS, RUN_BUSY, FAMILY_UNSUPPORTED, NON_FINITE, CANCELLED, and what data, models and
 * settings throw; once the run has begun its run.json tells of the error
 */
export async function startTraining(
  model: OpenedModel,
  config: TrainConfig,
  run: string,
  environment: TrainEnvironment,
  context: OperationContext<TrainEvent>,
): Promise<RunRecord> {
  const made = await prepareRunFolder(run);
  const lock = await lockRun(run);
  try {
    return await beginTraining({ model, config, run, lock, notes: [] }, environment, context);
  } finally {
    await lock.release();
    // Nothing is left of a run that never began: rmdir takes empty folders alone.
    if (made) await rmdir(run).catch(() => undefined);
  }
}

interface Beginning {
  readonly model: OpenedModel;
  readonly config: TrainConfig;
  /** Held by the caller. */
  readonly run: string;
  readonly lock: RunLock;
  readonly notes: readonly string[];
}

/** A run from its first step. */
async function beginTraining(
  { model, config, run, lock, notes }: Beginning,
  environment: TrainEnvironment,
  context: OperationContext<TrainEvent>,
): Promise<RunRecord> {
  const { kernels, clock } = environment;
  const { signal } = context;
  const { arch, tokenizer, data } = await checkedInputs(model, config, context);
  const planner = plannerOf(config, data, undefined);
  const totalSteps = config.steps ?? planner.stepsIn(config.epochs);
  methodOf(config.method).checkSteps?.(config.method, totalSteps);
  const { ranks, trainable, create } = await planStart(model, config, environment, signal, (fraction) =>
    context.emit({ event: 'phase', phase: 'analysing', fraction }),
  );
  if (methodOf(config.method).trainsWeight !== undefined) assertRoom(trainable, await availableMemory());
  const record: RunRecord = {
    version: 1,
    id: path.basename(run),
    name: `${model.summary.name} on ${path.basename(config.data.path)}`,
    createdAt: isoTime(clock),
    updatedAt: isoTime(clock),
    appVersion: environment.appVersion,
    state: 'created',
    config,
    model: {
      path: model.summary.path,
      name: model.summary.name,
      family: model.summary.family,
      hash: await model.source.hash(signal),
    },
    ranks,
    trainable,
    totalSteps,
    step: 0,
    best: null,
    last: null,
    baseLoss: null,
    ...(data.layout === undefined ? {} : { layout: data.layout }),
    needs: { estimated: await expectedNeeds(model, config, data, ranks, signal) },
  };
  const progress: CheckpointState = {
    step: 0,
    data: planner.position,
    dataHash: data.hash,
    best: null,
    baseLoss: null,
    evaluationsWithoutGain: 0,
    tokens: 0,
    elapsedSeconds: 0,
  };
  return await runSession(
    { run, lock, config, clock, context, tokenizer, data, planner, record, progress, shared: undefined },
    { kernels, arch, source: model.source, notes: [...notes, ...data.notices], keepThrough: -1 },
    create,
    () => writeRun(run, record),
  );
}

/**
 * Goes on with a run from its newest sound checkpoint; its losses are those of a run that was never interrupted. A run
 * that was cut off before its first checkpoint begins again, which comes to the same. A run that is done is given back
 * as it is.
 * @param open opens the model of the run; it is closed here
 * @throws AppError RUN_INVALID, RUN_BUSY, CHECKPOINT_DAMAGED, and as {@link startTraining}
 */
export async function resumeTraining(
  run: string,
  open: (modelPath: string, signal: AbortSignal) => Promise<OpenedModel>,
  environment: TrainEnvironment,
  context: OperationContext<TrainEvent>,
): Promise<RunRecord> {
  const { kernels, clock } = environment;
  const { signal } = context;
  const { record: found, fault } = await readRunOrCopy(run);
  const { config } = found;
  if (found.state === 'done') {
    context.emit(doneEvent(run, found, false));
    return found;
  }
  const lock = await lockRun(run);
  let model: OpenedModel | undefined;
  try {
    const notes = fault === undefined ? [] : [`${fault.message} The copy in the newest checkpoint is used.`];
    model = await open(found.model.path, signal);
    if ((await model.source.hash(signal)) !== found.model.hash) {
      throw new AppError(
        'RUN_INVALID',
        `The weights of ${found.model.path} are no longer those that the run ${run} began with; put them back, or start a new run.`,
      );
    }
    if (found.last === null && (await checkpointSteps(run)).length === 0) {
      notes.push('The run was cut off before its first checkpoint; it begins again.');
      return await beginTraining({ model, config, run, lock, notes }, environment, context);
    }
    const { checkpoint, damaged } = await openNewestCheckpoint(run);
    const { step, best } = checkpoint.state;
    const { arch, tokenizer, data } = await checkedInputs(model, config, context);
    if (data.hash !== checkpoint.state.dataHash) {
      throw new AppError(
        'RUN_INVALID',
        `The rows of ${config.data.path} are no longer those that the run ${run} began with; put the file back, or start a new run.`,
      );
    }
    const planner = plannerOf(config, data, checkpoint.state.data);
    const { error: _settled, ...rest } = found;
    const record: RunRecord = { ...rest, step, best, last: { step } };
    return await runSession(
      {
        ...{ run, lock, config, clock, context, tokenizer, data, planner, record },
        ...{ progress: checkpoint.state, shared: checkpoint.shared },
      },
      {
        kernels,
        arch,
        source: model.source,
        notes: [...notes, ...damaged.map(({ message }) => `${message} Going on from step ${String(step)}.`)],
        keepThrough: step,
      },
      async () => {
        const { tensors } = await readCheckpointAdapter(run, checkpoint);
        return restoreAdapters(kernels, found.ranks, config.method, tensors, signal);
      },
      async (optimizer, adapters) => {
        const state = await readTensors(path.join(checkpoint.folder, 'optimizer.safetensors'));
        optimizer.importState(state.tensors, step);
        adapters.training?.importState(state.tensors);
        await dropCheckpointsAfter(run, step);
      },
    );
  } finally {
    await model?.close();
    await lock.release();
  }
}

async function expectedNeeds(
  model: OpenedModel,
  config: TrainConfig,
  data: PreparedData,
  ranks: RunFacts['ranks'],
  signal: AbortSignal,
): Promise<RunNeeds> {
  const lengths = { train: lengthsOf(data.train), held: lengthsOf(data.validation) };
  return runNeeds(config, { model, ranks, atMost: false, lengths, ...(await computerFacts(model, signal)) });
}

interface CheckedInputs {
  readonly arch: ArchSpec;
  readonly tokenizer: Tokenizer;
  readonly data: PreparedData;
}

async function checkedInputs(
  model: OpenedModel,
  config: TrainConfig,
  context: OperationContext<TrainEvent>,
): Promise<CheckedInputs> {
  const { arch, summary } = model;
  if (!arch) {
    throw new AppError(
      'FAMILY_UNSUPPORTED',
      summary.reason ?? `Models of the family ${summary.family} cannot be trained here.`,
    );
  }
  const tokenizer = withTemplateOf(await model.tokenizer(), config.data);
  const data = await prepareData(config, tokenizer, arch, context.signal, (fraction) =>
    context.emit({ event: 'phase', phase: 'tokenising', fraction }),
  );
  return { arch, tokenizer, data };
}

function plannerOf(config: TrainConfig, data: PreparedData, position: BatchPosition | undefined): BatchPlanner {
  return new BatchPlanner(
    data.train.map((example) => example.ids.length),
    config,
    position,
  );
}
