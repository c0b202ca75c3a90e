/** Before the first step of a session: what needs the most memory and disk, tried out while nothing can be lost. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes, formatCount } from '../contract/format.ts';
import type { TrainConfig } from '../contract/requests.schema.ts';
import { assembleBatch } from '../data/batches.ts';
import { longestBatch, longestEvaluationBatch } from '../data/longestBatch.ts';
import { sharedPrefixOf } from '../data/sharedPrefix.ts';
import type { TokenisedExample } from '../data/tokenise.ts';
import type { LabelledBatch } from '../decoder/batch.ts';
import { withoutIdleTokens } from '../decoder/idleTokens.ts';
import { checkpointsAtOnce } from '../estimate/disk.ts';
import { maxBatchTokens } from '../evaluation/datasetLoss.ts';
import { dropGradient } from '../methods/parameter.ts';
import { checkpointSteps } from '../runs/checkpoints.ts';
import { AppError } from '../util/appError.ts';
import { freeSpace } from '../util/diskSpace.ts';
import { syncFile, temporaryPath, writeError } from '../util/fsAtomic.ts';
import { hasDropout, largestBatchShares } from './hasDropout.ts';
import { measureNeeds } from './measureNeeds.ts';
import { saveShared, updateRecord, writeState, type TrainSession } from './session.ts';

/**
 * Runs the longest batch forward and backward with the memory of an optimizer step, the largest batch of an evaluation,
 * and one save into the run's folder, which is removed again. Leaves parameters, moments, random numbers and the plan of
 * batches as they were, so that the losses of the run are the same bit for bit.
 * @throws AppError OUT_OF_MEMORY and DISK_FULL, saying what did not fit; CANCELLED; what writing throws
 */
export async function rehearse(session: TrainSession): Promise<void> {
  const { context, progress, record } = session;
  if (progress.step >= record.totalSteps) return;
  context.emit({ event: 'phase', phase: 'rehearsing' });
  await rehearseSteps(session);
  await rehearseEvaluation(session);
  await rehearseSaving(session);
  const needs = await measureNeeds(session);
  if (needs !== undefined) await updateRecord(session, { needs });
}

async function rehearseSteps(session: TrainSession): Promise<void> {
  const { adapters, config, context, data, decoder, optimizer } = session;
  const examples = data.train;
  const chosen = longestBatch(lengths(examples), config);
  const batch = assembleBatch(examples, chosen);
  const what = `the longest batch of the run (${formatCount(chosen.length)} rows, ${formatCount(batch.tokens.length)} tokens)`;
  try {
    await fitting(what, () =>
      decoder.accumulateGradients(
        asComputed(batch, examples, config),
        {
          lossScale: 1,
          activationCheckpointing: config.activationCheckpointing,
          dropoutSeed: hasDropout(config) ? [0, 0] : undefined,
        },
        context.signal,
      ),
    );
    await fitting('an optimizer step', () => optimizer.claimMemory());
  } finally {
    for (const parameter of adapters.parameters) dropGradient(decoder.kernels, parameter);
  }
}

/** The batch as training would compute it, were its sequences no more alike than those of any other batch. */
function asComputed(batch: LabelledBatch, examples: readonly TokenisedExample[], config: TrainConfig): LabelledBatch {
  return largestBatchShares(config) ? withoutIdleTokens(batch, sharedPrefixOf(examples)) : batch;
}

async function rehearseEvaluation({ config, context, data, decoder }: TrainSession): Promise<void> {
  const examples = data.validation;
  if (examples.length === 0) return;
  const chosen = longestEvaluationBatch(lengths(examples), config.batchSize, maxBatchTokens);
  const batch = assembleBatch(examples, chosen);
  await fitting(`the largest batch of an evaluation (${formatCount(batch.tokens.length)} tokens)`, () =>
    decoder.loss(batch, context.signal),
  );
}

/** Writes what a checkpoint holds, then compares what all of them will take with what is free. */
async function rehearseSaving(session: TrainSession): Promise<void> {
  const { run, lock } = session;
  await lock.assertHeld();
  // As an unfinished file of this process, it is cleared away with these when it is left behind.
  const folder = temporaryPath(path.join(run, 'rehearsal'));
  let bytes = 0;
  try {
    await saveShared(session);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await fitting('saving a checkpoint', () => writeState(session, folder));
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name);
      await syncFile(file);
      bytes += (await stat(file)).size;
    }
  } catch (error) {
    throw writeError(path.join(run, 'checkpoints'), error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await assertSpace(session, bytes);
}

/** @param checkpoint bytes of one @throws AppError DISK_FULL */
async function assertSpace({ run, config, record }: TrainSession, checkpoint: number): Promise<void> {
  const free = await freeSpace(run);
  const present = (await checkpointSteps(run)).length;
  const more = Math.max(1, checkpointsAtOnce(config.keepCheckpoints, record.totalSteps) - present);
  const needed = more * checkpoint + (record.needs?.estimated.disk.records ?? 0);
  if (free === undefined || needed <= free) return;
  const fewer = config.keepCheckpoints > 1 ? ', keep fewer checkpoints (--keep 1)' : '';
  throw new AppError(
    'DISK_FULL',
    `The run needs ${formatBytes(needed)} more on the drive of ${run} (${String(more)} checkpoints of ${formatBytes(checkpoint)} at once), and ${formatBytes(free)} are free; free some${fewer} or choose another drive.`,
    config.keepCheckpoints > 1 ? { details: { proposal: { keepCheckpoints: 1 } } } : {},
  );
}

/** Names what was tried in an error of memory. */
async function fitting<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'OUT_OF_MEMORY')) throw error;
    throw new AppError('OUT_OF_MEMORY', `There is not enough memory for ${what}.`, { details: { what }, cause: error });
  }
}

function lengths(examples: readonly TokenisedExample[]): number[] {
  return examples.map(({ ids }) => ids.length);
}
