/** https://www.electronjs.org/docs/latest/tutorial/security: what a page of this app may never do. */
import { app, session } from 'electron';
import { appOrigin, appScheme } from './pageServer.ts';

/** Runs every renderer in Chromium's sandbox and refuses navigation, new windows and webviews. Before `ready`. */
export function restrictPages(logRefusal: (message: string) => void): void {
  // Chromium refuses to start a sandbox as root; the switch says that the person knows.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  app.on('web-contents-created', (_created, contents) => {
    contents.on('will-navigate', (event, url) => {
      // A reload of the window's own page is no way out.
      if (url.startsWith(`${appOrigin}/`)) return;
      event.preventDefault();
      logRefusal(`The window may not go to ${url}.`);
    });
    // Chromium asks nobody about an empty page: the window comes back from it.
    contents.on('did-navigate', (_event, url) => {
      if (!url.startsWith('about:')) return;
      logRefusal(`The window may not stay at ${url}.`);
      void contents.loadURL(`${appOrigin}/`);
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      logRefusal(`The window may not open ${url}.`);
      return { action: 'deny' };
    });
  });
}

/** Refuses camera, notifications and all other permissions; only text of the app's own buttons may be copied. */
export function denyPermissions(): void {
  const allowed = new Set(['clipboard-sanitized-write']);
  session.defaultSession.setPermissionRequestHandler((_contents, permission, decide) =>
    decide(allowed.has(permission)),
  );
  session.defaultSession.setPermissionCheckHandler((_contents, permission) => allowed.has(permission));
}

/** What the window's session may ask for: its own pages, what it holds itself, and the developer tools. */
const ownSchemes = new Set([`${appScheme}:`, 'blob:', 'data:', 'devtools:']);

/** Ends every request of the window's session to others before it leaves, whatever the page's policy says. */
export function refuseRequests(logRefusal: (message: string) => void): void {
  session.defaultSession.webRequest.onBeforeRequest(({ url }, answer) => {
    const own = ownSchemes.has(new URL(url).protocol);
    if (!own) logRefusal(`The window may not ask for ${url}.`);
    answer({ cancel: !own });
  });
}

/**
 * Chromium fetches a dictionary at the first start of a session, also where no page has its spelling checked
 * (https://github.com/electron/electron/issues/22995): it gets no language, and no address but the app's own.
 */
export function fetchNoDictionary(): void {
  session.defaultSession.setSpellCheckerEnabled(false);
  session.defaultSession.setSpellCheckerDictionaryDownloadURL(`${appOrigin}/`);
  session.defaultSession.setSpellCheckerLanguages([]);
}

/** True for addresses that may be handed to the system's browser. */
export function mayOpenOutside(url: string): boolean {
  try {
    return new URL(url).protocol === 'https:';
  } catch {
    return false;
  }
}
