/** The entry of an engine process: joins the runtime to Electron's port, and nothing else. */
import { join } from 'node:path';
import { createOperations } from './engine/createOperations.ts';
import { serveEngine } from './engine/runtime.ts';
import { createServices } from './engine/services.ts';

// Only main starts this file, as a utility process; it says where a packaged application keeps its resources.
const resources = process.env['SARA_RESOURCES'] ?? join(__dirname, '..', '..', 'resources');
const { parentPort } = process;

const server = serveEngine(
  {
    post: (frame) => parentPort.postMessage(frame),
    onFrame: (listener) => void parentPort.on('message', ({ data }: { readonly data: unknown }) => listener(data)),
  },
  createOperations(createServices(resources)),
  { exit: (code) => process.exit(code) },
);
process.on('uncaughtException', (error) => server.fatal(error));
process.on('unhandledRejection', (reason) => server.fatal(reason));
