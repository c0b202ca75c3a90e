/** Joins the router and the broadcast to Electron's channels. */
import { BrowserWindow, ipcMain, type IpcMainInvokeEvent } from 'electron';
import { channels } from './channels.ts';
import type { Deliver } from './broadcast.ts';
import type { Router, Sender } from './router.ts';

/**
 * Answers the window's requests.
 * @param router comes when everything is ready; what is asked before waits for it
 * @param grantDropped grants a file dropped on the window and gives its path
 */
export function answerWindow(
  router: Promise<Router>,
  origin: string,
  grantDropped: (path: string) => Promise<string>,
): void {
  ipcMain.handle(channels.invoke, async (event, route: unknown, input: unknown) => {
    // The frame may have gone when the router comes.
    const sender = senderOf(event);
    return (await router)(sender, route, input);
  });
  ipcMain.handle(channels.dropped, async (event, path: unknown) => {
    const { url, isTopFrame } = senderOf(event);
    if (!isTopFrame || !url.startsWith(`${origin}/`) || typeof path !== 'string' || path === '') return '';
    return grantDropped(path);
  });
}

/** Sends events to every window. */
export const deliverToWindows: Deliver = (name, payloads) => {
  for (const window of BrowserWindow.getAllWindows()) {
    if (!window.webContents.isDestroyed()) window.webContents.send(channels.events, name, payloads);
  }
};

function senderOf(event: IpcMainInvokeEvent): Sender {
  // The frame is null when it has gone since it asked.
  const frame = event.senderFrame;
  return { url: frame?.url ?? '', isTopFrame: frame !== null && frame === event.sender.mainFrame };
}
