/** The commands of the native menu, and the keys that stand for them: one list for menus, tooltips and the sheet of keys. */

export const menuCommands = [
  'open-model',
  'open-gguf',
  'open-data',
  'open-data-folder',
  'import-settings',
  'export-settings',
  'inspect',
  'home',
  'project',
  'runs',
  'studies',
  'sweeps',
  'chat',
  'settings',
  'step-model',
  'step-data',
  'step-ranks',
  'step-train',
  'step-export',
  'primary',
  'pause',
  'continue',
  'checkpoint',
  'stop',
  'tour',
  'shortcuts',
  'diagnostics',
  'about',
] as const;
export type MenuCommand = (typeof menuCommands)[number];

/** Commands that make sense only in some states of the window, which tells which do. */
export const changingCommands = [
  'export-settings',
  'primary',
  'pause',
  'continue',
  'checkpoint',
  'stop',
] as const satisfies readonly MenuCommand[];
export type ChangingCommand = (typeof changingCommands)[number];

/** Keys in Electron's words. */
export const accelerators: { readonly [C in MenuCommand]?: string } = {
  'open-model': 'CmdOrCtrl+O',
  'open-data': 'CmdOrCtrl+Shift+O',
  inspect: 'CmdOrCtrl+I',
  home: 'Alt+H',
  project: 'Alt+P',
  runs: 'Alt+R',
  studies: 'Alt+S',
  sweeps: 'Alt+W',
  chat: 'Alt+C',
  settings: 'CmdOrCtrl+,',
  'step-model': 'CmdOrCtrl+1',
  'step-data': 'CmdOrCtrl+2',
  'step-ranks': 'CmdOrCtrl+3',
  'step-train': 'CmdOrCtrl+4',
  'step-export': 'CmdOrCtrl+5',
  primary: 'CmdOrCtrl+Enter',
  tour: 'F1',
  shortcuts: 'CmdOrCtrl+/',
};

/** Keys of the menu's own entries, which the sheet of keys names too. */
export const zoomAccelerators = { in: 'CmdOrCtrl+Plus', out: 'CmdOrCtrl+-', reset: 'CmdOrCtrl+0' } as const;
