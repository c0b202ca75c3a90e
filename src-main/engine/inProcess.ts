import { join } from 'node:path';
import type { Operations } from '../contract/engine.ts';
import { createOperations } from './createOperations.ts';
import { createServices } from './services.ts';

/** The operations in this very process, for the command line. Nothing is loaded before an operation needs it. */
export function openOperations(): { readonly operations: Operations; close(): Promise<void> } {
  // The bundle lies in out/cli; a packaged application says where its resources are.
  const resources = process.env['SARA_RESOURCES'] ?? join(__dirname, '..', '..', 'resources');
  const services = createServices(resources);
  return { operations: createOperations(services), close: () => services.loaded.release() };
}
