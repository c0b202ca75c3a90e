import { app, dialog, shell, type OpenDialogOptions } from 'electron';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Language } from '../contract/language.ts';
import type { Desktop } from '../ipc/services.ts';
import { AppError } from '../util/appError.ts';
import { freeName } from '../util/freeName.ts';
import { mainWindow } from './mainWindow.ts';
import { nativeTexts, type NativeTexts } from './nativeTexts.ts';
import { mayOpenOutside } from './security.ts';
import { themeState } from './theme.ts';

export interface DesktopOptions {
  readonly workspace: string;
  readonly demo: boolean;
  readonly language: () => Language;
  readonly close: Desktop['close'];
  readonly applySettings: Desktop['applySettings'];
  readonly enableCommands: Desktop['enableCommands'];
}

type Dialog = 'folder' | 'gguf' | 'weights' | 'data-file' | 'data-folder' | 'settings' | 'output';

const dataEndings = ['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'parquet', 'txt', 'md'];

/** A dialog of the system in the language of the window. */
function dialogOf(kind: Dialog, { dialogs: texts }: NativeTexts): OpenDialogOptions {
  const file = (title: string, name: string, extensions: string[], others = true): OpenDialogOptions => ({
    title,
    properties: ['openFile'],
    filters: [{ name, extensions }, ...(others ? [{ name: texts.allFiles, extensions: ['*'] }] : [])],
  });
  switch (kind) {
    case 'folder':
      return { title: texts.modelFolder, properties: ['openDirectory'] };
    case 'gguf':
      return file(texts.gguf, texts.ggufFiles, ['gguf'], false);
    case 'weights':
      return file(texts.weights, texts.weightFiles, ['safetensors', 'gguf']);
    case 'data-file':
      return file(texts.dataFile, texts.dataFiles, dataEndings);
    case 'data-folder':
      return { title: texts.dataFolder, properties: ['openDirectory'] };
    case 'settings':
      return file(texts.settings, texts.settingsFiles, ['json']);
    case 'output':
      return { title: texts.output, buttonLabel: texts.saveHere, properties: ['openDirectory', 'createDirectory'] };
  }
}

/** Dialogs, links and facts of the system for the handlers. */
export function createDesktop(options: DesktopOptions): Desktop {
  async function choose(kind: Dialog): Promise<string | undefined> {
    const request = dialogOf(kind, nativeTexts[options.language()]);
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
    chooseModel: async (kind) => choose(kind),
    chooseData: async (kind) => choose(`data-${kind}`),
    chooseSettings: async () => choose('settings'),
    chooseOutput: async (suggestedName) => {
      const folder = await choose('output');
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
    applySettings: options.applySettings,
    enableCommands: options.enableCommands,
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
