import type { ElectronApplication } from '@playwright/test';

/** Puts what the window saves into a folder without asking. */
export async function saveInto(electron: ElectronApplication, folder: string): Promise<void> {
  await electron.evaluate(({ session }, target) => {
    session.defaultSession.on('will-download', (_event, item) => item.setSavePath(`${target}/${item.getFilename()}`));
  }, folder);
}
