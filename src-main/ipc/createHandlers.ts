import { appHandlers } from './handlers/appHandlers.ts';
import { engineHandlers } from './handlers/engineHandlers.ts';
import { comparisonHandlers } from './handlers/comparisonHandlers.ts';
import { exportHandlers } from './handlers/exportHandlers.ts';
import { jobHandlers } from './handlers/jobHandlers.ts';
import { runHandlers } from './handlers/runHandlers.ts';
import { workspaceHandlers } from './handlers/workspaceHandlers.ts';
import { sweepHandlers } from './handlers/sweepHandlers.ts';
import { updateHandlers } from './handlers/updateHandlers.ts';
import type { Handlers } from './router.ts';
import type { Services } from './services.ts';

/** One handler for every route of the contract; a missing one does not compile. */
export function createHandlers(services: Services): Handlers {
  return {
    ...appHandlers(services),
    ...workspaceHandlers(services),
    ...runHandlers(services),
    ...comparisonHandlers(services),
    ...engineHandlers(services),
    ...exportHandlers(services),
    ...sweepHandlers(services),
    ...jobHandlers(services),
    ...updateHandlers(services),
  };
}
