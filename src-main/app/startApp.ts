/**
 * Puts the app together once Electron is ready. The window comes first: its page is loaded while the rest is made ready,
 * and what the page asks meanwhile is answered as soon as the routes are there.
 */
import { app } from 'electron';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Lane } from '../contract/engine.ts';
import { EngineHost } from '../host/engineHost.ts';
import { engineEnvironment } from '../host/engineEnvironment.ts';
import { SpeedProbe } from '../host/speedProbe.ts';
import type { EngineTransport } from '../host/engineTransport.ts';
import { spawnUtilityProcess } from '../host/utilityTransport.ts';
import { Broadcast } from '../ipc/broadcast.ts';
import { answerWindow, deliverToWindows } from '../ipc/connectWindow.ts';
import { createHandlers } from '../ipc/createHandlers.ts';
import { createRouter, type Router } from '../ipc/router.ts';
import { Jobs } from '../jobs/jobs.ts';
import { RunQueue } from '../jobs/runQueue.ts';
import { systemClock } from '../util/clock.ts';
import { removeUnfinished } from '../util/fsAtomic.ts';
import { HubTokens } from '../workspace/hubTokens.ts';
import { Targets } from '../workspace/targets.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { askNatively } from './closeQuestion.ts';
import { Closing } from './closing.ts';
import { Demo } from './demo.ts';
import { createDesktop } from './desktop.ts';
import type { LogFile } from './logFile.ts';
import { showProgress } from './taskBar.ts';
import { bringForward, mainWindow, openMainWindow } from './mainWindow.ts';
import { languageInForce } from './languageInForce.ts';
import { AppMenu } from './menu.ts';
import { notifyOfEnd } from './notifications.ts';
import type { OpenedFiles } from './openedFiles.ts';
import { serveAppPages } from './pageProtocol.ts';
import { appOrigin } from './pageServer.ts';
import { PathGrants } from './pathGrants.ts';
import type { AppPlaces } from './places.ts';
import { systemCipher } from './safeStorage.ts';
import { denyPermissions, fetchNoDictionary, refuseRequests } from './security.ts';
import { applyTheme, onThemeChange, pageLook } from './theme.ts';
import { Updates } from './updates.ts';

export async function startApp(
  places: AppPlaces,
  workspace: Workspace,
  logFile: LogFile,
  opened: OpenedFiles,
): Promise<void> {
  const log = logFile.write.bind(logFile);
  const warn = (message: string): void => log('warn', message);
  const grants = new PathGrants();
  const hub = new HubTokens(path.join(places.workspace.state, 'hub-token.bin'), systemCipher);
  const targets = new Targets(places.workspace.home, places.workspace.state, systemCipher);
  const broadcast = new Broadcast(deliverToWindows);
  const spawnEngine = (lane: Lane, threads: number): EngineTransport =>
    spawnUtilityProcess({
      entry: places.engine,
      lane,
      environment: { ...engineEnvironment(process.env, threads), SARA_RESOURCES: places.resources },
    });
  const speed: SpeedProbe = new SpeedProbe({
    spawn: (threads) => spawnEngine('compute', threads),
    isIdle: () => engine.idle && jobs.active().length === 0,
    environment: process.env,
    now: () => new Date(),
    log: (level, message) => log(level, `[speed] ${message}`),
    onChange: (state) => broadcast.send('speed.changed', state),
    onThreads: () => engine.retireCompute(),
  });
  const engine = new EngineHost({
    spawn: (lane) => spawnEngine(lane, workspace.settings.threads || speed.threads),
    log,
    onState: (state) => broadcast.send('engine.state', state),
    onRequest: () => speed.giveWay(),
  });
  const jobs = new Jobs({
    engine,
    now: () => systemClock.now(),
    createRunFolder: async (config) => workspace.runs.create(config, new Date()),
    studyFolder: workspace.studies,
    target: async (name) => targets.call(name),
    sweepFolder: (name) => path.join(workspace.sweeps, name),
    discardRunFolder: async (folder) => workspace.runs.discardEmpty(folder),
    discardUnfinished: async (out) => removeUnfinished(path.dirname(out), path.basename(out)),
    hubToken: async () => hub.token(),
    onEvent: (event) => broadcast.sendJobEvent(event),
    onState: (summary, result) => {
      broadcast.send('job.state', result === undefined ? summary : { ...summary, result });
      demo?.showJob(summary);
      if (queue !== undefined) {
        queue.follow(summary);
        showProgress(jobs.list(), queue.state);
      }
      notifyOfEnd(summary, languageInForce(workspace.settings));
    },
  });
  let queue: RunQueue | undefined;
  const closing = new Closing({
    jobs,
    onLeaving: () => queue?.suspend(),
    ask: (request) => {
      if (mainWindow()?.webContents.isCrashed() !== false) return false;
      broadcast.send('close.requested', request);
      return true;
    },
    askNatively: (request) => askNatively(request, languageInForce(workspace.settings)),
    finish: async () => {
      await Promise.all([engine.close(), speed.close()]);
      await workspace.settled();
    },
  });
  const demo = process.argv.includes('--demo') ? startDemo((code) => closing.leave(code)) : undefined;
  const desktop = createDesktop({
    workspace: places.workspace.home,
    demo: demo !== undefined,
    language: () => languageInForce(workspace.settings),
    close: (decision) => closing.decide(decision),
    applySettings: ({ theme }) => {
      applyTheme(theme);
      menu.refresh();
    },
    enableCommands: (commands) => menu.enable(commands),
  });
  const updates = new Updates({ onChange: (state) => broadcast.send('updates.changed', state), log });
  /** What may take long: drives that answer slowly hold up the answers, not the window. */
  async function makeRoutes(): Promise<Router> {
    for (const path of workspace.grantedPaths()) await grants.grant(path);
    await speed.load();
    queue = await RunQueue.open({
      store: workspace.queue,
      start: (request) => jobs.start(request),
      isIdle: () => !jobs.computing,
      fate: async (run) => workspace.runs.fate(run),
      newId: randomUUID,
      now: () => new Date(),
      onChange: (state) => broadcast.send('queue.changed', state),
      warn,
    });
    return createRouter({
      origin: appOrigin,
      handlers: createHandlers({
        engine,
        jobs,
        queue,
        workspace,
        desktop,
        updates,
        speed,
        hub,
        targets,
        grant: async (path) => grants.grant(path),
        log,
        logFolder: places.logs,
        licenceFolder: places.licences,
        programFolder: path.resolve(places.renderer, '..', '..'),
        now: () => new Date(),
        onDemoReport: (report) => demo?.take(report),
        takeOpenedFile: () => opened.take(),
      }),
      assertGranted: async (path) => grants.assertGranted(path),
      logError: (message) => log('error', message),
    });
  }

  opened.announceTo(() => {
    broadcast.send('file.opened', { waiting: true });
    bringForward();
  });
  serveAppPages(places.renderer, () => pageLook(workspace.settings));
  denyPermissions();
  fetchNoDictionary();
  refuseRequests(warn);
  applyTheme(workspace.settings.theme);
  onThemeChange((theme) => broadcast.send('theme.changed', theme));
  const menu = new AppMenu(workspace, {
    send: (command) => broadcast.send('menu.command', { command }),
    openRecent: (kind, file) => broadcast.send('recent.chosen', { kind, path: file }),
    clearRecent: () => {
      app.clearRecentDocuments();
      void workspace.forgetRecent().catch((error: unknown) => warn(String(error)));
    },
    showLogs: () => void desktop.openFolder(places.logs),
    showLicences: () => void desktop.openFolder(places.licences),
  });
  workspace.onRecent = (file) => {
    if (file !== undefined) app.addRecentDocument(file);
    menu.refresh();
  };
  const routes = makeRoutes();
  answerWindow(routes, appOrigin, async (path) => grants.grant(path));
  openMainWindow({
    preload: places.preload,
    bounds: workspace.window.value,
    saveBounds: (bounds) => void workspace.window.set(bounds).catch((error: unknown) => warn(String(error))),
    mayClose: () => closing.mayClose(),
    log: warn,
    onPageLost: (reason) => demo?.fail(reason),
  });
  void workspace.removeLeftovers().catch((error: unknown) => warn(`Leftovers were not removed: ${String(error)}`));
  if (workspace.settings.lookForUpdates && updates.state.state === 'idle') void updates.check();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => (demo === undefined ? closing.decide('quit') : demo.fail('it was interrupted')));
  }
  app.on('child-process-gone', (_event, { name, type, reason, exitCode }) => {
    log('info', `Process ${name ?? type} is gone: ${reason}, exit code ${exitCode}.`);
  });
  app.on('second-instance', bringForward);
  app.on('window-all-closed', () => app.quit());
  await routes;
  if (demo === undefined) speed.measureWhenQuiet();
}

function startDemo(exit: (code: number) => void): Demo {
  return new Demo({
    print: (line) => void process.stdout.write(`${line}\n`),
    printError: (line) => void process.stderr.write(`${line}\n`),
    now: () => systemClock.now(),
    exit,
  });
}
