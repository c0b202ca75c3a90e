/** The main process: the order in which the parts of the app are put together, and nothing else. */
import { app } from 'electron';
import { restrictPages } from './app/security.ts';
import { registerAppScheme } from './app/pageProtocol.ts';
import { LogFile } from './app/logFile.ts';
import { appPlaces } from './app/places.ts';
import { startApp } from './app/startApp.ts';

const places = appPlaces();
const log = new LogFile(places.logs);
process.on('uncaughtException', (error) =>
  log.write('error', `Fault in the main process: ${error.stack ?? error.message}`),
);
process.on('unhandledRejection', (reason) => {
  log.write('error', `Unhandled rejection: ${reason instanceof Error ? reason.stack : String(reason)}`);
});

if (app.requestSingleInstanceLock()) {
  restrictPages((message) => log.write('warn', message));
  registerAppScheme();
  void app.whenReady().then(async () => startApp(places, log));
} else {
  // The first instance shows its window instead; it cannot take over a demonstration.
  process.stderr.write('SARA Studio is running already: its window comes to the front.\n');
  app.exit(process.argv.includes('--demo') ? 1 : 0);
}
