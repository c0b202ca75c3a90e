/** The native menu as a description; nothing of Electron runs here. */
import type { MenuItemConstructorOptions } from 'electron';
import type { Language } from '../contract/language.ts';
import {
  accelerators,
  changingCommands,
  zoomAccelerators,
  type ChangingCommand,
  type MenuCommand,
} from '../contract/menu.ts';
import type { RecentFile } from '../workspace/workspaceFiles.schema.ts';
import { nativeTexts, type NativeTexts } from './nativeTexts.ts';

export interface MenuFacts {
  readonly mac: boolean;
  /** Show what is for developers. */
  readonly development: boolean;
  readonly language: Language;
  /** Commands of {@link changingCommands} that make sense now. */
  readonly enabled: readonly ChangingCommand[];
  readonly recentModels: readonly RecentFile[];
  readonly recentData: readonly RecentFile[];
}

export interface MenuActions {
  readonly send: (command: MenuCommand) => void;
  readonly openRecent: (kind: 'model' | 'data', path: string) => void;
  readonly clearRecent: () => void;
  readonly showLogs: () => void;
  readonly showLicences: () => void;
}

const views = ['home', 'project', 'runs', 'studies', 'sweeps', 'chat'] as const;
const steps = ['step-model', 'step-data', 'step-ranks', 'step-train', 'step-export'] as const;

/** Keys that the page handles itself, where typing has to come first: shown in the menu, not taken by it. */
const ofThePage: ReadonlySet<MenuCommand> = new Set<MenuCommand>([...views, ...steps, 'primary']);

const separator: MenuItemConstructorOptions = { type: 'separator' };

/** The whole menu bar. */
export function menuTemplate(facts: MenuFacts, actions: MenuActions): MenuItemConstructorOptions[] {
  const texts = nativeTexts[facts.language];
  const item = (command: MenuCommand): MenuItemConstructorOptions => commandItem(command, facts, actions, texts);
  const role = (name: keyof NativeTexts['roles'], accelerator?: string): MenuItemConstructorOptions => ({
    role: name,
    label: texts.roles[name],
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const { mac } = facts;
  return [
    ...(mac ? [appMenu(item, role)] : []),
    {
      label: texts.titles.file,
      submenu: [
        ...(['open-model', 'open-gguf', 'open-data', 'open-data-folder'] as const).map(item),
        recentMenu(facts, actions, texts),
        separator,
        item('import-settings'),
        item('export-settings'),
        separator,
        item('inspect'),
        separator,
        ...(mac ? [role('close')] : [item('settings'), separator, role('quit')]),
      ],
    },
    {
      label: texts.titles.edit,
      submenu: [
        role('undo'),
        role('redo'),
        separator,
        role('cut'),
        role('copy'),
        role('paste'),
        separator,
        role('selectAll'),
      ],
    },
    {
      label: texts.titles.view,
      submenu: [
        ...views.map(item),
        separator,
        role('zoomIn', zoomAccelerators.in),
        // Plus without Shift, as on most keyboards.
        { role: 'zoomIn', visible: false, accelerator: 'CmdOrCtrl+=' },
        role('zoomOut', zoomAccelerators.out),
        role('resetZoom', zoomAccelerators.reset),
        separator,
        role('togglefullscreen'),
        ...(facts.development ? [separator, role('reload'), role('toggleDevTools')] : []),
      ],
    },
    {
      label: texts.titles.run,
      submenu: [
        ...steps.map(item),
        separator,
        item('primary'),
        separator,
        ...(['pause', 'continue', 'checkpoint', 'stop'] as const).map(item),
      ],
    },
    ...(mac
      ? [{ label: texts.titles.window, role: 'window' as const, submenu: [role('minimize'), role('close')] }]
      : []),
    {
      label: texts.titles.help,
      role: 'help',
      submenu: [
        item('tour'),
        item('shortcuts'),
        separator,
        { label: texts.logs, click: actions.showLogs },
        item('diagnostics'),
        { label: texts.licences, click: actions.showLicences },
        ...(mac ? [] : [separator, item('about')]),
      ],
    },
  ];
}

function commandItem(
  command: MenuCommand,
  { enabled }: MenuFacts,
  { send }: MenuActions,
  texts: NativeTexts,
): MenuItemConstructorOptions {
  const accelerator = accelerators[command];
  const changing = changingCommands.find((candidate) => candidate === command);
  return {
    id: command,
    label: texts.commands[command],
    click: () => send(command),
    ...(changing === undefined ? {} : { enabled: enabled.includes(changing) }),
    ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: !ofThePage.has(command) }),
  };
}

function recentMenu(
  { recentModels, recentData }: MenuFacts,
  { openRecent, clearRecent }: MenuActions,
  texts: NativeTexts,
): MenuItemConstructorOptions {
  const list = (kind: 'model' | 'data', files: readonly RecentFile[]): MenuItemConstructorOptions[] =>
    files.map(({ path, name }) => ({ label: name, toolTip: path, click: () => openRecent(kind, path) }));
  const none = recentModels.length + recentData.length === 0;
  return {
    id: 'recent',
    label: texts.titles.recent,
    submenu: none
      ? [{ label: texts.noRecent, enabled: false }]
      : [
          { label: texts.titles.recentModels, enabled: false },
          ...list('model', recentModels),
          separator,
          { label: texts.titles.recentData, enabled: false },
          ...list('data', recentData),
          separator,
          { label: texts.clearRecent, click: clearRecent },
        ],
  };
}

function appMenu(
  item: (command: MenuCommand) => MenuItemConstructorOptions,
  role: (name: keyof NativeTexts['roles']) => MenuItemConstructorOptions,
): MenuItemConstructorOptions {
  return {
    label: 'SARA Studio',
    submenu: [
      item('about'),
      separator,
      item('settings'),
      separator,
      role('hide'),
      role('hideOthers'),
      role('unhide'),
      separator,
      role('quit'),
    ],
  };
}
