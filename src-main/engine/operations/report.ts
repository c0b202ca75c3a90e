import os from 'node:os';
import { availableMemory } from '../../util/memory.ts';
import type { EngineServices } from '../services.ts';
import type { Operation } from './operation.ts';

/** What this computer is using: backend, device, why no GPU, threads, memory. */
export function engineReport(services: EngineServices): Operation<'engine.report'> {
  return async () => {
    const { report, startMilliseconds } = await services.backend();
    const cpus = os.cpus();
    // Only there in Electron, whatever the types of its package say.
    const { electron } = process.versions as { readonly electron?: string };
    return {
      ...report,
      cpu: cpus[0]?.model.trim() ?? 'unknown processor',
      cores: cpus.length,
      totalMemory: os.totalmem(),
      availableMemory: await availableMemory(),
      node: process.versions.node,
      ...(electron === undefined ? {} : { electron }),
      startMilliseconds,
    };
  };
}
