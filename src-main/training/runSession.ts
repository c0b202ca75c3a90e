import type { RunRecord, TrainEvent } from '../contract/training.ts';
import { Decoder } from '../decoder/decoder.ts';
import type { AdapterSet } from '../methods/types.ts';
import type { ArchSpec, WeightSource } from '../models/types.ts';
import { AdamW } from '../optimizer/adamw.ts';
import { RunEventLog } from '../runs/runEvents.ts';
import { transposedMatrices } from '../models/transposed.ts';
import type { Kernels } from '../tensor/kernels.ts';
import { uploadMatrix } from '../tensor/uploadWeight.ts';
import { toErrorShape } from '../util/appError.ts';
import { heldOutLoss } from './heldOutLoss.ts';
import { PeakMemory } from '../util/peakMemory.ts';
import { measureNeeds } from './measureNeeds.ts';
import { proposeLess } from './proposeLess.ts';
import { rehearse } from './rehearse.ts';
import { keepBaseLosses } from './keepSamples.ts';
import { baseNorms } from './learntChange.ts';
import { trainLoop } from './loop.ts';
import { measureNeutral } from './neutralLoss.ts';
import { reportSamples } from './sampleAnswers.ts';
import { report, saveCheckpoint, updateRecord, type TrainSession } from './session.ts';

/** A session before its tensors are there. */
export type PlannedSession = Omit<
  TrainSession,
  'decoder' | 'adapters' | 'optimizer' | 'log' | 'baseNorms' | 'baseWeight' | 'peak'
>;

export interface SessionModel {
  readonly kernels: Kernels;
  readonly arch: ArchSpec;
  readonly source: WeightSource;
  /** Told as the session begins. */
  readonly notes: readonly string[];
  /** Last step whose events in the log are kept, see {@link RunEventLog.open}. */
  readonly keepThrough: number;
}

/**
 * Loads the model, makes adapters and optimizer, trains to the end and frees everything again.
 * @param begin called when all tensors are there and before the log is opened
 * @returns run.json as it is at the end
 * @throws AppError OUT_OF_MEMORY with settings that need less, see {@link proposeLess}
 */
export async function runSession(
  planned: PlannedSession,
  { kernels, arch, source, notes, keepThrough }: SessionModel,
  makeAdapters: () => Promise<AdapterSet>,
  begin: (optimizer: AdamW, adapters: AdapterSet) => Promise<void>,
): Promise<RunRecord> {
  const { context, config, run } = planned;
  const peak = new PeakMemory();
  context.emit({ event: 'phase', phase: 'loading', fraction: 0 });
  const onProgress = (done: number, total: number): void =>
    context.emit({ event: 'phase', phase: 'loading', fraction: done / total });
  let decoder: Decoder | undefined;
  let adapters: AdapterSet | undefined;
  let optimizer: AdamW | undefined;
  let log: RunEventLog | undefined;
  try {
    const { weights, products } = config;
    decoder = await Decoder.load(kernels, arch, source, { onProgress, weights, products }, context.signal);
    adapters = await makeAdapters();
    optimizer = new AdamW(kernels, adapters.parameters, config);
    await begin(optimizer, adapters);
    log = await RunEventLog.open(run, keepThrough);
    decoder.setAdapters(adapters);
    const norms = baseNorms(decoder, adapters);
    const baseWeight = weightReader(decoder, adapters, source, context.signal);
    if (adapters.weights !== undefined) decoder.releaseBase();
    return await trainToEnd(
      { ...planned, decoder, adapters, optimizer, log, baseNorms: norms, baseWeight, peak },
      notes,
    );
  } catch (error) {
    throw proposeLess(error, config);
  } finally {
    await log?.close();
    decoder?.dispose();
    optimizer?.dispose();
    adapters?.dispose();
  }
}

/** Reads W0 of a matrix: from the decoder, or from the file where the decoder lets go of what is trained itself. */
function weightReader(
  decoder: Decoder,
  { matrices, weights }: AdapterSet,
  source: WeightSource,
  signal: AbortSignal,
): TrainSession['baseWeight'] {
  const transposed = transposedMatrices(decoder.arch);
  return async (name) => {
    const shape = weights === undefined ? undefined : matrices.get(name)?.matrix.shape;
    if (shape === undefined) return decoder.baseWeight(name);
    return uploadMatrix(decoder.kernels, source, `${name}.weight`, shape, transposed.has(name), signal);
  };
}

/** From the first event to the last, with run.json telling the truth whatever happens. */
async function trainToEnd(session: TrainSession, notes: readonly string[]): Promise<RunRecord> {
  const { run, context, decoder, data } = session;
  const fromStep = session.progress.step;
  try {
    await updateRecord(session, { state: 'running' });
    await report(session, {
      event: 'start',
      run,
      ranks: session.record.ranks,
      trainable: session.record.trainable,
      parameters: decoder.parameters,
      steps: session.record.totalSteps,
      trainRows: data.train.length,
      validationRows: data.validation.length,
      fromStep,
      skippedRows: data.skippedRows,
    });
    for (const text of notes) await report(session, { event: 'note', step: fromStep, text });
    await rehearse(session);
    // A run resumed at step 0 has measured it before.
    if (session.record.last === null) {
      await measureBase(session);
      // From here on there is always a checkpoint to resume from.
      await saveCheckpoint(session);
    }
    context.emit({ event: 'phase', phase: 'training' });
    const end = await trainLoop(session);
    const needs = await measureNeeds(session);
    await updateRecord(session, {
      state: end === 'stopped' ? 'stopped' : 'done',
      step: session.progress.step,
      ...(needs === undefined ? {} : { needs }),
    });
    await report(session, doneEvent(run, session.record, end === 'early'));
    return session.record;
  } catch (thrown) {
    const error = await inWordsOfRun(session, thrown);
    const { code, message } = toErrorShape(error);
    const end: Partial<RunRecord> =
      code === 'CANCELLED' ? { state: 'stopped' } : { state: 'failed', error: { code, message } };
    // A full disk must not hide the error that led here.
    await updateRecord(session, end).catch(() => undefined);
    throw error;
  }
}

/** Where the run's drive was taken away, whatever failed of it failed of that: the lock tells what it means for a run. */
async function inWordsOfRun({ lock }: TrainSession, error: unknown): Promise<unknown> {
  if (toErrorShape(error).code === 'CANCELLED') return error;
  return lock.assertHeld().then(
    () => error,
    (lost: unknown) => lost,
  );
}

/** ΔW is 0 at the start, so these are the base model's loss and answers. */
async function measureBase(session: TrainSession): Promise<void> {
  const { data, context } = session;
  context.emit({ event: 'phase', phase: 'evaluating' });
  await reportSamples(session);
  await measureNeutral(session);
  if (data.validation.length === 0) return;
  const { loss, each } = await heldOutLoss(session);
  await keepBaseLosses(session, each);
  session.progress = { ...session.progress, baseLoss: loss };
  await updateRecord(session, { baseLoss: loss });
  await report(session, { event: 'eval', step: 0, loss, best: false });
}

/** The last event of a training. Without held-out rows the last step stands for the best. */
export function doneEvent(run: string, record: RunRecord, stoppedEarly: boolean): TrainEvent {
  return {
    event: 'done',
    run,
    trainable: record.trainable,
    bestStep: record.best?.step ?? record.step,
    bestLoss: record.best?.loss ?? null,
    steps: record.step,
    stoppedEarly,
  };
}
