import { readExports } from '../../runs/exportLog.ts';
import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

type Routes = 'export.history' | 'export.suggestFolder' | 'hub.account' | 'hub.saveToken' | 'hub.forgetToken';

/** What was exported, where the next export goes, and the token for publishing, which never goes back to the window. */
export function exportHandlers({ workspace, hub, grant }: Services): Pick<Handlers, Routes> {
  return {
    'export.history': async ({ run }) => {
      const exports = await readExports(run);
      for (const { out, there } of exports) if (there) await grant(out);
      return exports;
    },
    'export.suggestFolder': async ({ name }) => ({ path: await grant(await workspace.freeExportFolder(name)) }),
    'hub.account': async () => hub.account(),
    'hub.saveToken': async ({ token }) => {
      await hub.save(token);
      return hub.account();
    },
    'hub.forgetToken': async () => {
      await hub.forget();
      return hub.account();
    },
  };
}
