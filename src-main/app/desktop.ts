import { app, dialog, shell, type OpenDialogOptions } from 'electron';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Desktop } from '../ipc/services.ts';
import { AppError } from '../util/appError.ts';
import { freeName } from '../util/freeName.ts';
import { mainWindow } from './mainWindow.ts';
import { mayOpenOutside } from './security.ts';
import { applyTheme, themeState } from './theme.ts';

export interface DesktopOptions {
  readonly workspace: string;
  readonly demo: boolean;
  readonly close: Desktop['close'];
}

const modelDialogs: Readonly<Record<'folder' | 'gguf' | 'weights', OpenDialogOptions>> = {
  folder: { title: 'Open a model folder', properties: ['openDirectory'] },
  gguf: {
    title: 'Open a GGUF file',
    properties: ['openFile'],
    filters: [{ name: 'GGUF model', extensions: ['gguf'] }],
  },
  weights: {
    title: 'Inspect a file of weights',
    properties: ['openFile'],
    filters: [
      { name: 'Weights', extensions: ['safetensors', 'gguf'] },
      { name: 'All files', extensions: ['*'] },
    ],
  },
};

const dataDialogs: Readonly<Record<'file' | 'folder', OpenDialogOptions>> = {
  file: {
    title: 'Open training data',
    properties: ['openFile'],
    filters: [
      { name: 'Data', extensions: ['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'parquet', 'txt', 'md'] },
      { name: 'All files', extensions: ['*'] },
    ],
  },
  folder: { title: 'Open a folder of training data', properties: ['openDirectory'] },
};

/** Dialogs, links and facts of the system for the handlers. */
export function createDesktop(options: DesktopOptions): Desktop {
  async function choose(request: OpenDialogOptions): Promise<string | undefined> {
    const window = mainWindow();
    const shown = window === undefined ? dialog.showOpenDialog(request) : dialog.showOpenDialog(window, request);
    return (await shown).filePaths[0];
  }
  return {
    info: () => ({
      version: app.getVersion(),
      electron: process.versions.electron,
      chrome: process.versions.chrome,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      workspace: options.workspace,
      notices: notices(),
      demo: options.demo,
      ...themeState(),
    }),
    chooseModel: async (kind) => choose(modelDialogs[kind]),
    chooseData: async (kind) => choose(dataDialogs[kind]),
    chooseOutput: async (suggestedName) => {
      const folder = await choose({
        title: 'Choose a folder for the result',
        buttonLabel: 'Save here',
        properties: ['openDirectory', 'createDirectory'],
      });
      return folder === undefined ? undefined : emptyFolder(folder, suggestedName);
    },
    openFolder: async (target) => {
      // Opening a file would start the program that belongs to it.
      if ((await stat(target).catch(() => undefined))?.isFile() !== true) return (await shell.openPath(target)) === '';
      shell.showItemInFolder(target);
      return true;
    },
    openLink: async (url) => {
      if (!mayOpenOutside(url)) return false;
      await shell.openExternal(url);
      return true;
    },
    moveToTrash: async (target) => {
      try {
        await shell.trashItem(target);
      } catch (error) {
        throw new AppError('NOT_WRITABLE', `${target} could not be moved to the trash; it is still in its place.`, {
          cause: error,
        });
      }
    },
    applyTheme,
    close: options.close,
  };
}

/** The chosen folder itself when it is empty, else a new name inside it. */
async function emptyFolder(folder: string, suggestedName: string): Promise<string> {
  const names = new Set(await readdir(folder).catch(() => []));
  if (names.size === 0) return folder;
  return path.join(
    folder,
    freeName(path.basename(suggestedName), (name) => names.has(name)),
  );
}

/** What is not as usual on this machine, in words. */
function notices(): string[] {
  const list: string[] = [];
  if (process.env['SARA_VIRTUAL_DISPLAY'] === '1')
    list.push('The app draws on a virtual display: no screen was found.');
  if (app.commandLine.hasSwitch('no-sandbox')) {
    list.push('The window runs without Chromium’s sandbox, because the app was started as root.');
  }
  return list;
}
