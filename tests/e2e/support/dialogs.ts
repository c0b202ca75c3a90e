import type { ElectronApplication } from '@playwright/test';

/** Answers the system's next open dialogs, which no test can click, with a path. */
export async function answerOpenDialogs(electron: ElectronApplication, path: string): Promise<void> {
  await electron.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
  }, path);
}
