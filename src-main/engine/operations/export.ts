import { exportChoices } from '../../export/exportChoices.ts';
import { verifyExport } from '../../export/verifyExport.ts';
import { writeExport } from '../../export/writeExport.ts';
import { openModel } from '../../models/open.ts';
import { withExportSource } from '../exportSource.ts';
import { freezeForExport } from '../freezeForExport.ts';
import { resolveModelOrRun } from '../modelOrRun.ts';
import { probeOf } from '../probe.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** Writes a run, or a model as it is, in a format and checks what was written. */
export function exportRun(services: EngineServices): Operation<'export.run'> {
  return async ({ run, checkpoint, step, format, out, dtype, quant, shardBytes, freezeGates }, { signal, emit }) =>
    withExportSource(
      services,
      { path: run, checkpoint: step ?? checkpoint },
      out,
      { dtype, quant, shardBytes },
      signal,
      async (source, chosen) => {
        const frozenGates = await freezeForExport(
          services.calibrations,
          source,
          chosen,
          format,
          freezeGates,
          emit,
          signal,
        );
        const probe = await probeOf(source.model, source.run?.record, signal);
        return writeExport({ ...source, frozenGates }, format, out, probe, emit, signal);
      },
    );
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

/** Which formats are possible, and how large the results are. */
export const exportChoicesOf: Operation<'export.choices'> = async ({ run, checkpoint, step }, { signal }) => {
  const chosen = await resolveModelOrRun(run, step ?? checkpoint);
  const model = await openModel(chosen.modelPath, signal);
  try {
    return await exportChoices(model, chosen.checkpoint?.record);
  } finally {
    await model.close();
  }
};
