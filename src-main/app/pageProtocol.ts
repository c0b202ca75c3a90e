import { protocol } from 'electron';
import { answerPage, appScheme, type PageLook } from './pageServer.ts';

/** Makes the scheme of the window's pages a secure standard one. Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the files in `root` to the window, the page in the look of the moment. Must run after the app is ready. */
export function serveAppPages(root: string, look: () => PageLook): void {
  protocol.handle(appScheme, async (request) => {
    const { body, status, headers } = await answerPage(request.method, request.url, root, look());
    return new Response(body, { status, headers });
  });
}
