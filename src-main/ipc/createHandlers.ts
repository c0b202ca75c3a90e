import { appHandlers } from './handlers/appHandlers.ts';
import { diagnosticsHandlers } from './handlers/diagnosticsHandlers.ts';
import { engineHandlers } from './handlers/engineHandlers.ts';
import { comparisonHandlers } from './handlers/comparisonHandlers.ts';
import { exportHandlers } from './handlers/exportHandlers.ts';
import { jobHandlers } from './handlers/jobHandlers.ts';
import { runHandlers } from './handlers/runHandlers.ts';
import { workspaceHandlers } from './handlers/workspaceHandlers.ts';
import { sweepHandlers } from './handlers/sweepHandlers.ts';
import { updateHandlers } from './handlers/updateHandlers.ts';
import { machineReport } from './machineReport.ts';
import type { Handlers } from './router.ts';
import type { Services } from './services.ts';

/** One handler for every route of the contract; a missing one does not compile. */
export function createHandlers(services: Services): Handlers {
  const machine = machineReport(services.engine);
  return {
    ...appHandlers(services),
    ...diagnosticsHandlers(services, machine),
    ...workspaceHandlers(services),
    ...runHandlers(services),
    ...comparisonHandlers(services),
    ...engineHandlers(services, machine),
    ...exportHandlers(services),
    ...sweepHandlers(services),
    ...jobHandlers(services),
    ...updateHandlers(services),
  };
}
