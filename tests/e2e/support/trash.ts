import type { ElectronApplication } from '@playwright/test';

/** Gives the system a trash that is a folder of the test, or none. */
export async function trashInto(electron: ElectronApplication, folder: string | undefined): Promise<void> {
  await electron.evaluate(({ app, shell }, target) => {
    shell.trashItem = async (path) => {
      if (target === undefined) throw new Error('This system has no trash.');
      const { mainModule } = process as unknown as { mainModule: { require(name: string): typeof import('node:fs') } };
      mainModule.require('node:fs').renameSync(path, `${target}/${path.split(/[\\/]/).at(-1) ?? app.name}`);
      return Promise.resolve();
    };
  }, folder);
}
