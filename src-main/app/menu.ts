import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { WindowEvents } from '../contract/routes.ts';

type Command = WindowEvents['menu.command']['command'];

/** Sets the native menu. Commands go to the window, which knows what they mean. */
export function setMenu(send: (command: Command) => void, showLogs: () => void): void {
  const item = (label: string, command: Command, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => send(command),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const settings = item('Settings…', 'settings', 'CmdOrCtrl+,');
  const isMac = process.platform === 'darwin';
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [macAppMenu(item('About SARA Studio', 'about'), settings)] : []),
    {
      label: 'File',
      submenu: [
        item('Home', 'home'),
        { type: 'separator' },
        item('Open model…', 'open-model', 'CmdOrCtrl+O'),
        item('Open data…', 'open-data', 'CmdOrCtrl+Shift+O'),
        item('Inspect file…', 'inspect', 'CmdOrCtrl+I'),
        { type: 'separator' },
        ...(isMac ? [] : [settings, { type: 'separator' as const }]),
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        { role: 'reload' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' as const }]),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        item('Keyboard shortcuts', 'shortcuts'),
        { label: 'Show logs', click: showLogs },
        item('Save diagnostics…', 'diagnostics'),
        ...(isMac ? [] : [{ type: 'separator' as const }, item('About SARA Studio', 'about')]),
      ],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

function macAppMenu(
  about: MenuItemConstructorOptions,
  settings: MenuItemConstructorOptions,
): MenuItemConstructorOptions {
  return {
    label: app.name,
    submenu: [
      about,
      { type: 'separator' },
      settings,
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      { role: 'quit' },
    ],
  };
}
