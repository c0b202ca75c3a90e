/** The main process: the order in which the parts of the app are put together, and nothing else. */
import { app } from 'electron';
import { restrictPages } from './app/security.ts';
import { registerAppScheme } from './app/pageProtocol.ts';
import { LogFile } from './app/logFile.ts';
import { OpenedFiles, weightsFileIn } from './app/openedFiles.ts';
import { appPlaces } from './app/places.ts';
import { startApp } from './app/startApp.ts';
import { Workspace } from './workspace/workspace.ts';

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
  const opened = new OpenedFiles();
  opened.open(weightsFileIn(process.argv.slice(1), process.cwd()));
  // macOS tells of files by an event, which may come before the app is ready.
  app.on('open-file', (event, file) => {
    event.preventDefault();
    opened.open(file);
  });
  app.on('second-instance', (_event, parameters, folder) => opened.open(weightsFileIn(parameters.slice(1), folder)));
  // Read while Chromium starts: the window needs its theme and its place.
  const workspace = Workspace.open(places.workspace, (message) => log.write('warn', message));
  void app.whenReady().then(async () => startApp(places, await workspace, log, opened));
} else {
  // The first instance shows its window instead; it cannot take over a demonstration.
  process.stderr.write('SARA Studio is running already: its window comes to the front.\n');
  app.exit(process.argv.includes('--demo') ? 1 : 0);
}
