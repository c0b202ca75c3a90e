import { app, Menu } from 'electron';
import type { ChangingCommand } from '../contract/menu.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { languageInForce } from './languageInForce.ts';
import { menuTemplate, type MenuActions } from './menuTemplate.ts';

/** The native menu: built anew when what it shows has changed. */
export class AppMenu {
  #enabled: readonly ChangingCommand[] = [];
  #shown = '';
  readonly #workspace: Workspace;
  readonly #actions: MenuActions;

  constructor(workspace: Workspace, actions: MenuActions) {
    this.#workspace = workspace;
    this.#actions = actions;
    this.refresh();
  }

  /** Takes which commands make sense in the state of the window. */
  enable(enabled: readonly ChangingCommand[]): void {
    this.#enabled = enabled;
    this.refresh();
  }

  /** Shows the language, the recent files and the state of now. */
  refresh(): void {
    const { settings, recentModels, recentData } = this.#workspace;
    const facts = {
      mac: process.platform === 'darwin',
      development: !app.isPackaged,
      language: languageInForce(settings),
      enabled: this.#enabled,
      recentModels,
      recentData,
    };
    // A menu that is built anew closes on some systems while it is open.
    const shown = JSON.stringify(facts);
    if (shown === this.#shown) return;
    this.#shown = shown;
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(facts, this.#actions)));
  }
}
