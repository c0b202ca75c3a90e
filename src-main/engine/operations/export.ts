import { writeExport } from '../../export/writeExport.ts';
import { withExportSource } from '../exportSource.ts';
import { probeOf } from '../probe.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** Writes a run, or a model as it is, in a format and checks what was written. */
export function exportRun(services: EngineServices): Operation<'export.run'> {
  return async ({ run, checkpoint, step, format, out, dtype, quant, shardBytes }, { signal, emit }) =>
    withExportSource(
      services,
      { path: run, checkpoint: step ?? checkpoint },
      out,
      { dtype, quant, shardBytes },
      signal,
      async (source) => {
        const probe = await probeOf(source.model, source.run?.record, signal);
        return writeExport(source, format, out, probe, emit, signal);
      },
    );
}
