import type { ExportResult } from '../../contract/results.ts';
import { exportChoices } from '../../export/exportChoices.ts';
import { expectedSeconds, keepTime } from '../../export/exportTimes.ts';
import { readStoredExport } from '../../export/storedExport.ts';
import { verifyExport } from '../../export/verifyExport.ts';
import { writeExport } from '../../export/writeExport.ts';
import { openModel } from '../../models/open.ts';
import { noteExport } from '../../runs/exportLog.ts';
import { isoTime } from '../../util/clock.ts';
import { withExportSource } from '../exportSource.ts';
import { freezeForExport } from '../freezeForExport.ts';
import { resolveModelOrRun } from '../modelOrRun.ts';
import { probeOf } from '../probe.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** Writes a run, or a model as it is, in a format, checks what was written, and notes it in the run’s folder. */
export function exportRun(services: EngineServices): Operation<'export.run'> {
  return async ({ run, checkpoint, step, format, out, dtype, quant, shardBytes, freezeGates }, { signal, emit }) =>
    withExportSource(
      services,
      { path: run, checkpoint: step ?? checkpoint },
      out,
      { dtype, quant, shardBytes },
      signal,
      async (source, chosen) => {
        const { calibrations, clock } = services;
        const begun = clock.now();
        const frozenGates = await freezeForExport(calibrations, source, chosen, format, freezeGates, emit, signal);
        const probe = await probeOf(source.model, source.run?.record, signal);
        const written = await writeExport({ ...source, frozenGates }, format, out, probe, emit, signal);
        const seconds = (clock.now() - begun) / 1000;
        await keepTime({ format, parameters: source.model.summary.parameters, seconds });
        if (source.run !== undefined) {
          const { step: done } = source.run;
          await noteExport(run, { ...recordOf(written), at: isoTime(clock), format, step: done, seconds });
        }
        return { ...written, seconds };
      },
    );
}

function recordOf({ out, files, type = '' }: ExportResult): { out: string; type: string; bytes: number } {
  return { out, type, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}

/** Compares an export on the disk with the run it was made from. */
export function exportVerify(services: EngineServices): Operation<'export.verify'> {
  return async ({ path, against, checkpoint, step }, { signal }) => {
    const from = { path: against, checkpoint: step ?? checkpoint };
    return withExportSource(services, from, path, {}, signal, async (source) => {
      const probe = await probeOf(source.model, source.run?.record, signal);
      return verifyExport(source, path, probe, signal);
    });
  };
}

/** Which formats are possible, how large the results are, and how long they should take. */
export const exportChoicesOf: Operation<'export.choices'> = async ({ run, checkpoint, step }, { signal }) => {
  const chosen = await resolveModelOrRun(run, step ?? checkpoint);
  const model = await openModel(chosen.modelPath, signal);
  try {
    const choices = await exportChoices(model, chosen.checkpoint);
    const times = await expectedSeconds(model.summary.parameters);
    return choices.map((choice) => {
      const seconds = choice.refusal === undefined ? times[choice.format] : undefined;
      return seconds === undefined ? choice : { ...choice, seconds };
    });
  } finally {
    await model.close();
  }
};

/** What the report beside an export says, and whether its files are still the same size. */
export const exportReportOf: Operation<'export.report'> = async ({ path }) => readStoredExport(path);
