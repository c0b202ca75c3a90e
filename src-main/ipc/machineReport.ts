import type { EngineReport } from '../contract/results.ts';
import type { EngineHost } from '../host/engineHost.ts';

/** Asks what the engine computes with, once: it does not change while the app runs, and a training must not delay the answer. */
export function machineReport(engine: Pick<EngineHost, 'run'>): () => Promise<EngineReport> {
  let report: Promise<EngineReport> | undefined;
  return async () => {
    report ??= engine.run('engine.report', {}).result;
    try {
      return await report;
    } catch (error) {
      report = undefined;
      throw error;
    }
  };
}
