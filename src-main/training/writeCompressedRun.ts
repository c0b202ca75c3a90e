import { rm } from 'node:fs/promises';
import path from 'node:path';
import { loraParameters } from '../contract/rank.ts';
import type { RunRecord } from '../contract/training.ts';
import { methodOf } from '../methods/registry.ts';
import { openCheckpoint, writeCheckpoint } from '../runs/checkpoints.ts';
import { RunEventLog } from '../runs/runEvents.ts';
import { copyRecord, prepareRunFolder, writeRun } from '../runs/runFolder.ts';
import { lockRun } from '../runs/runLock.ts';
import { isoTime } from '../util/clock.ts';
import { adapterFile, writeAdapterFile } from './adapterFile.ts';
import type { CutAdapter } from './compressAdapter.ts';
import type { CompressSource } from './compressRun.ts';
import { doneEvent } from './runSession.ts';

/**
 * A run that is done, with the compressed adapter as its one checkpoint: it answers, is evaluated and exported like any
 * other. Nothing is left where this fails.
 * @throws AppError TARGET_EXISTS, RUN_BUSY, NOT_WRITABLE, DISK_FULL
 */
export async function writeCompressedRun(
  out: string,
  { run, record: from, step, clock }: CompressSource,
  energy: number,
  { matrices, parameters, method, tensors }: CutAdapter,
  loss: number | null,
): Promise<void> {
  await prepareRunFolder(out);
  const now = isoTime(clock);
  const best = loss === null ? null : { step, loss };
  const { error: _settled, ...rest } = from;
  const record: RunRecord = {
    ...rest,
    id: path.basename(out),
    name: `${from.name}, compressed`,
    createdAt: now,
    updatedAt: now,
    state: 'done',
    config: { ...from.config, method },
    ranks: matrices.map(({ name, layer, module, shape, newRank }) => {
      return { name, layer, module, shape, rank: newRank, trainable: loraParameters(shape, newRank) };
    }),
    trainable: parameters,
    totalSteps: step,
    step,
    best,
    last: { step },
    compressed: { run, step, energy, method: methodOf(from.config.method).describe(from.config.method) },
  };
  const lock = await lockRun(out);
  try {
    const { state } = await openCheckpoint(run, step);
    await writeCheckpoint(out, { ...state, best }, async (folder) => {
      await writeAdapterFile(path.join(folder, adapterFile), {
        method,
        base: { name: from.model.name, sha256: from.model.hash },
        tensors,
      });
      await copyRecord(folder, record);
    });
    const log = await RunEventLog.open(out, step);
    if (from.baseLoss !== null) await log.append({ event: 'eval', step: 0, loss: from.baseLoss, best: false });
    if (loss !== null) await log.append({ event: 'eval', step, loss, best: true });
    await log.append(doneEvent(out, record, false));
    await log.close();
    await writeRun(out, record);
  } catch (error) {
    // Nothing but this was in the folder.
    await rm(out, { recursive: true, force: true });
    throw error;
  } finally {
    await lock.release();
  }
}
