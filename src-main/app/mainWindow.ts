import { BrowserWindow, screen, type Rectangle } from 'electron';
import { systemClock } from '../util/clock.ts';
import type { WindowBounds } from '../workspace/workspaceFiles.schema.ts';
import { appOrigin } from './pageServer.ts';
import { backgroundColour } from './theme.ts';

const smallest = { width: 1024, height: 640 };
const usual = { width: 1360, height: 860 };

export interface MainWindowOptions {
  readonly preload: string;
  readonly bounds: WindowBounds;
  readonly saveBounds: (bounds: WindowBounds) => void;
  /** Asked before the window closes; false keeps it open. */
  readonly mayClose: () => boolean;
  readonly log: (message: string) => void;
  /** The page's process ended or the page could not be loaded. */
  readonly onPageLost: (reason: string) => void;
}

/** Opens the one window of the app where it was last time; it is shown when its first picture is ready. */
export function openMainWindow(options: MainWindowOptions): void {
  const window = new BrowserWindow({
    ...usual,
    ...visible(options.bounds.bounds),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'SARA Studio',
    backgroundColor: backgroundColour(),
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  if (options.bounds.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', (event) => {
    options.saveBounds({ version: 1, bounds: window.getNormalBounds(), maximized: window.isMaximized() });
    if (!options.mayClose()) event.preventDefault();
  });
  watchPage(window, options);
  void window.loadURL(`${appOrigin}/`);
}

/** The window of the app while it is open. */
export function mainWindow(): Electron.BrowserWindow | undefined {
  return BrowserWindow.getAllWindows()[0];
}

/** Brings the window to the front, for a second start of the app. */
export function bringForward(): void {
  const window = mainWindow();
  if (window === undefined) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** Bounds that lie on a screen that is still there; none otherwise. */
function visible(bounds: Rectangle | undefined): Rectangle | undefined {
  if (bounds === undefined) return undefined;
  const area = screen.getDisplayMatching(bounds).workArea;
  const across = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  const down = Math.min(bounds.y + bounds.height, area.y + area.height) - Math.max(bounds.y, area.y);
  return across >= smallest.width / 2 && down >= smallest.height / 2 ? bounds : undefined;
}

/** Loads the page again after a crash of its process; jobs live in other processes and the page catches up. */
function watchPage(window: BrowserWindow, { log, onPageLost }: MainWindowOptions): void {
  let last = 0;
  const lost = (reason: string): void => {
    log(reason);
    onPageLost(reason);
  };
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    lost(`The window's process ended (${reason}, exit code ${exitCode}).`);
    // A page that crashes as soon as it is loaded must not be loaded for ever.
    const now = systemClock.now();
    if (now - last > 10_000) window.webContents.reload();
    last = now;
  });
  window.webContents.on('did-fail-load', (_event, code, description, url) => {
    lost(`${url} could not be loaded: ${description} (${code}).`);
  });
  window.on('unresponsive', () => log('The window does not answer.'));
  window.on('responsive', () => log('The window answers again.'));
}
