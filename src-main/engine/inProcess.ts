import { join } from 'node:path';
import { keptSpeed } from '../speed/keptSpeed.ts';
import { fixedThreads, threadVariables } from '../speed/threadVariables.ts';
import type { Operations } from '../contract/engine.ts';
import { createOperations } from './createOperations.ts';
import { createServices } from './services.ts';

/** The operations in this very process, for the command line. Nothing is loaded before an operation needs it. */
export function openOperations(): { readonly operations: Operations; close(): Promise<void> } {
  // The bundle lies in out/cli; a packaged application says where its resources are.
  const resources = process.env['SARA_RESOURCES'] ?? join(__dirname, '..', '..', 'resources');
  const services = createServices(resources, { beforeLoading: takeKeptThreads });
  return { operations: createOperations(services), close: () => services.loaded.release() };
}

/** TensorFlow reads the number of threads when it is loaded: the measured one, where the person has not set their own. */
async function takeKeptThreads(): Promise<void> {
  if (fixedThreads(process.env) !== undefined) return;
  const kept = await keptSpeed();
  if (kept !== undefined) Object.assign(process.env, threadVariables(kept.threads));
}
