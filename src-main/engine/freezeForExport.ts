import { requireGates } from '../calibration/gatedRun.ts';
import { exportFormats, type ExportFormat } from '../contract/exportFormats.ts';
import type { Calibration } from '../contract/gates.ts';
import type { ExportRequest } from '../contract/requests.schema.ts';
import type { ProgressEvent } from '../contract/results.ts';
import { Decoder } from '../decoder/decoder.ts';
import type { ExportSource } from '../export/exportPlan.ts';
import { gatesToFreeze } from '../export/frozenGates.ts';
import { requireArch } from '../models/openedModel.ts';
import { AppError } from '../util/appError.ts';
import type { Calibrations } from './calibrations.ts';
import type { RunCheckpoint } from './modelOrRun.ts';

/** A measurement repeated on the same rows may differ in its last digits. */
const tolerance = 1.001;

/**
 * Freezes the gates of what is exported where the format needs one ΔW for all inputs.
 * @param freeze of the request
 * @returns the means and what they cost; undefined where nothing is frozen
 * @throws AppError NOT_MERGEABLE when that was not asked for or costs more than was accepted, SETTINGS_INVALID when there
 * is nothing to freeze; what calibrating throws
 */
export async function freezeForExport(
  calibrations: Calibrations,
  source: ExportSource,
  checkpoint: RunCheckpoint | undefined,
  format: ExportFormat,
  freeze: ExportRequest['freezeGates'],
  emit: (event: ProgressEvent) => void,
  signal: AbortSignal,
): Promise<Calibration | undefined> {
  const { model, kernels } = source;
  const gated = gatesToFreeze(source, format);
  if (gated === undefined || checkpoint === undefined) {
    if (freeze === undefined) return undefined;
    throw new AppError(
      'SETTINGS_INVALID',
      `There are no gates to freeze for the format ${format} of ${checkpoint?.run ?? model.summary.path}; export it without freezing.`,
    );
  }
  const { run } = checkpoint;
  if (freeze === undefined) {
    throw new AppError(
      'NOT_MERGEABLE',
      `The adapter of ${run} mixes its sets of singular values anew for every token, so a ${exportFormats[format].name} cannot hold it exactly; export the native adapter, or freeze its gates and accept what that costs.`,
    );
  }
  const adapters = requireGates(source.adapters, run);
  const calibration = await calibrations.of(
    {
      checkpoint,
      model,
      adapters,
      async withDecoder(use) {
        const decoder = await Decoder.load(kernels, requireArch(model), model.source, {}, signal);
        try {
          decoder.setAdapters(adapters);
          return await use(decoder);
        } finally {
          decoder.dispose();
        }
      },
    },
    freeze,
    emit,
    signal,
  );
  // NaN is more than anything.
  if (!(calibration.kl <= freeze.acceptKl * tolerance)) {
    throw new AppError(
      'NOT_MERGEABLE',
      `Freezing the gates of ${run} costs a KL of ${calibration.kl.toPrecision(3)} nats a token, more than the ${freeze.acceptKl.toPrecision(3)} accepted; accept it, or export the native adapter, which is exact.`,
      { details: calibration },
    );
  }
  gated.freeze(new Map(calibration.matrices.map(({ name, mean }) => [name, mean])));
  return calibration;
}
