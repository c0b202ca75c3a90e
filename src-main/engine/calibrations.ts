import { calibrate } from '../calibration/calibrate.ts';
import { calibrationRows } from '../calibration/calibrationRows.ts';
import type { GatedAdapters } from '../calibration/gatedRun.ts';
import type { Calibration } from '../contract/gates.ts';
import type { ProgressEvent } from '../contract/results.ts';
import type { Decoder } from '../decoder/decoder.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel } from '../models/types.ts';
import { AppError } from '../util/appError.ts';
import type { RunCheckpoint } from './modelOrRun.ts';

/** What a calibration is made of. */
export interface CalibratedRun {
  readonly checkpoint: RunCheckpoint;
  readonly model: OpenedModel;
  readonly adapters: GatedAdapters;
  /** Lends a decoder with the adapters on it; not called when the calibration is known. */
  withDecoder(use: (decoder: Decoder) => Promise<Calibration>): Promise<Calibration>;
}

/**
 * Calibrations of this process by checkpoint and rows, so that an export after a calibration that a person accepted
 * does not take that time again. Checkpoints never change.
 */
export class Calibrations {
  readonly #known = new Map<string, Calibration>();

  /** @throws AppError SETTINGS_INVALID for a run with one set; what reading the rows throws; CANCELLED */
  async of(
    run: CalibratedRun,
    request: { readonly data?: string | undefined; readonly maxRows: number },
    emit: (event: ProgressEvent) => void,
    signal: AbortSignal,
  ): Promise<Calibration> {
    const { checkpoint, model, adapters } = run;
    const { run: path, step, record, folder } = checkpoint;
    if (adapters.gates.sets === 1) {
      throw new AppError(
        'SETTINGS_INVALID',
        `The run ${path} has one set of singular values and merges exactly; export it without freezing gates.`,
      );
    }
    const rows = await calibrationRows(record.config, request, await model.tokenizer(), requireArch(model), signal);
    const key = `${folder} ${rows.hash}`;
    const known =
      this.#known.get(key) ??
      (await run.withDecoder((decoder) => calibrate(decoder, adapters, rows, step, emit, signal)));
    this.#known.set(key, known);
    return known;
  }
}
