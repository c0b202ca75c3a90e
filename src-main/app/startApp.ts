/** Puts the app together once Electron is ready: workspace, engine, jobs, routes, window. */
import { app, type BrowserWindow } from 'electron';
import { EngineHost } from '../host/engineHost.ts';
import { engineEnvironment } from '../host/engineEnvironment.ts';
import { spawnUtilityProcess } from '../host/utilityTransport.ts';
import { Broadcast } from '../ipc/broadcast.ts';
import { answerWindow, deliverToWindows } from '../ipc/connectWindow.ts';
import { createHandlers } from '../ipc/createHandlers.ts';
import { createRouter } from '../ipc/router.ts';
import { Jobs } from '../jobs/jobs.ts';
import { Workspace } from '../workspace/workspace.ts';
import { askNatively } from './closeQuestion.ts';
import { Closing } from './closing.ts';
import { Demo } from './demo.ts';
import { createDesktop } from './desktop.ts';
import type { LogFile } from './logFile.ts';
import { bringForward, openMainWindow } from './mainWindow.ts';
import { setMenu } from './menu.ts';
import { serveAppPages } from './pageProtocol.ts';
import { appOrigin } from './pageServer.ts';
import { PathGrants } from './pathGrants.ts';
import type { AppPlaces } from './places.ts';
import { denyPermissions } from './security.ts';
import { applyTheme, onThemeChange } from './theme.ts';

export async function startApp(places: AppPlaces, logFile: LogFile): Promise<void> {
  const log = logFile.write.bind(logFile);
  const workspace = await Workspace.open(places.workspace, (message) => log('warn', message));
  const grants = new PathGrants();
  for (const path of workspace.grantedPaths()) await grants.grant(path);
  const broadcast = new Broadcast(deliverToWindows);
  let window: BrowserWindow | undefined;

  const engine = new EngineHost({
    spawn: (lane) =>
      spawnUtilityProcess({
        entry: places.engine,
        lane,
        environment: {
          ...engineEnvironment(process.env, workspace.settings.threads),
          SARA_RESOURCES: places.resources,
        },
      }),
    log,
    onState: (state) => broadcast.send('engine.state', state),
  });
  const jobs = new Jobs({
    engine,
    now: () => Date.now(),
    createRunFolder: async (config) => workspace.runs.create(config, new Date()),
    onEvent: (event) => broadcast.sendJobEvent(event),
    onState: (summary, result) => {
      broadcast.send('job.state', result === undefined ? summary : { ...summary, result });
      demo?.showJob(summary);
    },
  });
  const closing = new Closing({
    jobs,
    ask: (request) => {
      if (window === undefined || window.isDestroyed() || window.webContents.isCrashed()) return false;
      broadcast.send('close.requested', request);
      return true;
    },
    askNatively,
    finish: async () => {
      await engine.close();
      await workspace.settled();
    },
  });
  const demo = process.argv.includes('--demo')
    ? new Demo({
        print: (line) => void process.stdout.write(`${line}\n`),
        printError: (line) => void process.stderr.write(`${line}\n`),
        now: () => Date.now(),
        exit: (code) => closing.leave(code),
      })
    : undefined;
  const services = {
    engine,
    jobs,
    workspace,
    desktop: createDesktop({
      window: () => window,
      workspace: places.workspace.home,
      demo: demo !== undefined,
      close: (decision) => closing.decide(decision),
    }),
    grant: async (path: string) => grants.grant(path),
    log,
    logFolder: places.logs,
    now: () => new Date(),
    onDemoReport: (report: Parameters<Demo['take']>[0]) => demo?.take(report),
  };
  const router = createRouter({
    origin: appOrigin,
    handlers: createHandlers(services),
    assertGranted: async (path) => grants.assertGranted(path),
    logError: (message) => log('error', message),
  });

  serveAppPages(places.renderer);
  denyPermissions();
  answerWindow(router, appOrigin, async (path) => grants.grant(path));
  applyTheme(workspace.settings.theme);
  onThemeChange((theme) => broadcast.send('theme.changed', theme));
  setMenu(
    (command) => broadcast.send('menu.command', { command }),
    () => void services.desktop.openFolder(places.logs),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => closing.decide('quit'));
  window = openMainWindow({
    preload: places.preload,
    bounds: workspace.window.value,
    saveBounds: (bounds) => void workspace.window.set(bounds).catch((error: unknown) => log('warn', String(error))),
    mayClose: () => closing.mayClose(),
    log: (message) => log('warn', message),
    onPageLost: (reason) => demo?.fail(reason),
  });
  app.on('child-process-gone', (_event, { name, type, reason, exitCode }) => {
    log('info', `Process ${name ?? type} is gone: ${reason}, exit code ${exitCode}.`);
  });
  app.on('second-instance', () => {
    if (window !== undefined && !window.isDestroyed()) bringForward(window);
  });
  app.on('window-all-closed', () => app.quit());
}
