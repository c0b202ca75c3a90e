/** Everything a training loop works on, and what it saves. */
import path from 'node:path';
import type { OperationContext } from '../contract/engine.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import type { RunRecord, TrainEvent } from '../contract/training.ts';
import type { BatchPlanner } from '../data/batches.ts';
import type { Decoder } from '../decoder/decoder.ts';
import type { AdapterSet, AdapterTensor, StateTensor } from '../methods/types.ts';
import type { Tokenizer } from '../models/types.ts';
import type { AdamW } from '../optimizer/adamw.ts';
import type { CheckpointState } from '../runs/checkpointState.schema.ts';
import { pruneCheckpoints, writeCheckpoint, writeSharedFile, type SharedFiles } from '../runs/checkpoints.ts';
import type { RunEventLog } from '../runs/runEvents.ts';
import { copyRecord, writeRun } from '../runs/runFolder.ts';
import type { RunLock } from '../runs/runLock.ts';
import type { TensorId } from '../tensor/tensorId.ts';
import { isoTime, type Clock } from '../util/clock.ts';
import type { PeakMemory } from '../util/peakMemory.ts';
import { adapterFile, frozenFile, writeAdapterFile, writeTensors } from './adapterFile.ts';
import type { PreparedData } from './prepareData.ts';

export interface TrainSession {
  readonly run: string;
  readonly lock: RunLock;
  readonly config: TrainConfig;
  readonly clock: Clock;
  readonly context: OperationContext<TrainEvent>;
  readonly log: RunEventLog;
  readonly tokenizer: Tokenizer;
  readonly decoder: Decoder;
  readonly adapters: AdapterSet;
  readonly optimizer: AdamW;
  readonly data: PreparedData;
  readonly planner: BatchPlanner;
  /** ‖W0‖_F by module path. */
  readonly baseNorms: ReadonlyMap<string, number>;
  /** W0 of a target matrix, [d_out, d_in], a new tensor. */
  readonly baseWeight: (name: string) => Promise<TensorId>;
  /** The most memory since the session began. */
  readonly peak: PeakMemory;
  /** What run.json says; replaced on every change. */
  record: RunRecord;
  /** What a checkpoint says; replaced after every step. */
  progress: CheckpointState;
  /** Files of the run's folder that every checkpoint needs; undefined until they are written. */
  shared: SharedFiles | undefined;
}

/** Tells whoever asked for the training, and the run's log. */
export async function report(session: Pick<TrainSession, 'context' | 'log'>, event: TrainEvent): Promise<void> {
  session.context.emit(event);
  await session.log.append(event);
}

/** Changes run.json. @throws AppError DISK_FULL, NOT_WRITABLE, FILE_NOT_FOUND or RUN_BUSY when the run was taken away */
export async function updateRecord(session: TrainSession, changes: Partial<RunRecord>): Promise<void> {
  session.record = { ...session.record, ...changes, updatedAt: isoTime(session.clock) };
  await session.lock.assertHeld();
  await writeRun(session.run, session.record);
}

/**
 * Writes a checkpoint of the present state, tells run.json of it and deletes those no longer kept.
 * @throws AppError as {@link updateRecord}; the checkpoints before it are then as they were
 */
export async function saveCheckpoint(session: TrainSession): Promise<void> {
  const { run, config, progress, record, context } = session;
  if (record.last?.step === progress.step) return;
  context.emit({ event: 'phase', phase: 'saving' });
  await session.lock.assertHeld();
  await session.log.sync();
  const shared = await saveShared(session);
  const folder = await writeCheckpoint(run, progress, (unfinished) => writeState(session, unfinished), shared);
  await updateRecord(session, { step: progress.step, best: progress.best, last: { step: progress.step } });
  await pruneCheckpoints(run, config.keepCheckpoints, progress.best?.step);
  await report(session, { event: 'checkpoint', step: progress.step, path: folder });
}

/**
 * Writes the files of a checkpoint into a folder.
 * @throws Error of the system
 */
export async function writeState(session: TrainSession, folder: string): Promise<void> {
  const { config, record, optimizer, adapters } = session;
  await writeAdapterFile(path.join(folder, adapterFile), {
    method: config.method,
    base: { name: record.model.name, sha256: record.model.hash },
    tensors: partOfState(adapters, false),
  });
  const state: [string, AdapterTensor | StateTensor][] = [
    ...optimizer.stateTensors(),
    ...(adapters.training?.exportState() ?? []),
  ];
  await writeTensors(path.join(folder, 'optimizer.safetensors'), new Map(state), {
    format: 'sara-studio-adamw',
    steps: String(optimizer.steps),
  });
  await copyRecord(folder, record);
}

/** Writes what all checkpoints of the run need, unless it is there. @throws AppError as {@link saveCheckpoint} */
export async function saveShared(session: TrainSession): Promise<SharedFiles> {
  session.shared ??= await saveFrozen(session);
  return session.shared;
}

/** Writes what the adapters hold besides their parameters, once for all checkpoints. */
async function saveFrozen({ run, adapters }: TrainSession): Promise<SharedFiles> {
  if (adapters.frozenNames.size === 0) return {};
  return writeSharedFile(run, frozenFile, (file) =>
    writeTensors(file, partOfState(adapters, true), { format: 'sara-studio-frozen' }),
  );
}

/** The frozen tensors of the adapters' state, or all others. */
function partOfState(adapters: AdapterSet, frozen: boolean): Map<string, StateTensor> {
  return new Map([...adapters.stateTensors()].filter(([name]) => adapters.frozenNames.has(name) === frozen));
}
