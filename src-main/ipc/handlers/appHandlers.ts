import { folderKind } from '../../workspace/folderKind.ts';
import { readSettingsFile } from '../../util/settingsFile.ts';
import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

type Routes =
  | 'app.info'
  | 'app.openedFile'
  | 'settings.get'
  | 'settings.update'
  | 'menu.enable'
  | 'window.close'
  | 'demo.report'
  | 'log.renderer'
  | 'dialog.openModel'
  | 'dialog.openData'
  | 'dialog.openSettings'
  | 'settingsFile.read'
  | 'folder.kind'
  | 'dialog.chooseOutput'
  | 'shell.openFolder'
  | 'shell.openLink'
  | 'shell.showLogs'
  | 'shell.showLicences';

/** Settings, dialogs and what the window asks of the desktop. */
export function appHandlers({
  engine,
  desktop,
  workspace,
  grant,
  log,
  logFolder,
  licenceFolder,
  onDemoReport,
  takeOpenedFile,
}: Services): Pick<Handlers, Routes> {
  async function granted(path: string | undefined): Promise<{ path: string } | null> {
    return path === undefined ? null : { path: await grant(path) };
  }
  return {
    'app.info': () => desktop.info(),
    'app.openedFile': async () => granted(takeOpenedFile()),
    'settings.get': () => workspace.settings,
    'settings.update': async (patch) => {
      const { threads } = workspace.settings;
      const settings = await workspace.updateSettings(patch);
      // A process reads the number of threads when it starts.
      if (settings.threads !== threads) engine.retireCompute();
      desktop.applySettings(settings);
      return settings;
    },
    'menu.enable': ({ commands }) => {
      desktop.enableCommands(commands);
      return { noted: true };
    },
    'window.close': ({ decision }) => ({ closing: desktop.close(decision) }),
    'demo.report': (report) => {
      onDemoReport(report);
      return { noted: true };
    },
    'log.renderer': ({ level, message }) => {
      log(level, `[window] ${message}`);
      return { logged: true };
    },
    'dialog.openModel': async ({ kind }) => granted(await desktop.chooseModel(kind)),
    'dialog.openData': async ({ kind }) => granted(await desktop.chooseData(kind)),
    'dialog.openSettings': async () => granted(await desktop.chooseSettings()),
    'settingsFile.read': async ({ path }) => readSettingsFile(path),
    'folder.kind': async ({ path }) => ({ kind: await folderKind(path) }),
    'dialog.chooseOutput': async ({ suggestedName }) => granted(await desktop.chooseOutput(suggestedName)),
    'shell.openFolder': async ({ path }) => ({ opened: await desktop.openFolder(path) }),
    'shell.openLink': async ({ url }) => ({ opened: await desktop.openLink(url) }),
    'shell.showLogs': async () => ({ opened: await desktop.openFolder(logFolder) }),
    'shell.showLicences': async () => ({ opened: await desktop.openFolder(licenceFolder) }),
  };
}
