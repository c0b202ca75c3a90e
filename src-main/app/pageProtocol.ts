import { protocol } from 'electron';
import { answerPage, appScheme } from './pageServer.ts';

/** Makes the scheme of the window's pages a secure standard one. Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the files in `root` to the window. Must run after the app is ready. */
export function serveAppPages(root: string): void {
  protocol.handle(appScheme, async (request) => {
    const { body, status, headers } = await answerPage(request.method, request.url, root);
    return new Response(body, { status, headers });
  });
}
