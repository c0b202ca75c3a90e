/** The bridge between the sandboxed page and the main process: transport only, no logic, nothing of Electron exposed. */
import * as electron from 'electron';
import type { Bridge, WindowEventName } from './contract/routes.ts';
import { channels } from './ipc/channels.ts';

const { contextBridge, ipcRenderer } = electron;
// Electron 32 replaced `File.path` by `webUtils`; both runtimes are supported.
const optional: Pick<typeof electron, 'ipcRenderer'> & {
  readonly webUtils?: { getPathForFile(file: File): string };
} = electron;

const listeners = new Map<WindowEventName, Set<(payload: never) => void>>();

ipcRenderer.on(channels.events, (_event, name: WindowEventName, payloads: readonly never[]) => {
  for (const payload of payloads) {
    for (const listener of listeners.get(name) ?? []) listener(payload);
  }
});

/** Path of a file that the system gave; empty for what a page has made, which may pretend to have one. */
function pathOf(file: File): string {
  try {
    if (optional.webUtils !== undefined) return optional.webUtils.getPathForFile(file);
    // The getter of the browser itself: it refuses every object that is no file.
    return String(Object.getOwnPropertyDescriptor(File.prototype, 'path')?.get?.call(file) ?? '');
  } catch {
    return '';
  }
}

const bridge: Bridge = {
  invoke: async (route, input): Promise<unknown> => ipcRenderer.invoke(channels.invoke, route, input),
  subscribe(name, listener) {
    const ofName = listeners.get(name) ?? new Set();
    listeners.set(name, ofName);
    // A listener of its own, so that the same function subscribed twice is removed once.
    const own = (payload: never): void => listener(payload);
    ofName.add(own);
    return () => void ofName.delete(own);
  },
  pathOfDroppedFile: async (file): Promise<string> => {
    const path = pathOf(file);
    return path === '' ? '' : ((await ipcRenderer.invoke(channels.dropped, path)) as string);
  },
};

contextBridge.exposeInMainWorld('bridge', bridge);
