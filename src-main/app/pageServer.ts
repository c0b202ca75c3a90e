/** Serves the window's own files over the app's scheme; the window can load nothing else. Pure of Electron. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const appScheme = 'app';
/** The only origin whose pages may use the app. */
export const appOrigin = `${appScheme}://sara`;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.map': 'application/json',
};

/** https://www.electronjs.org/docs/latest/tutorial/security#7-define-a-content-security-policy */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
};

export interface PageAnswer {
  readonly status: 200 | 403 | 404 | 405;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

/** What the page must know to be painted in the right colours before any script has run. */
export interface PageLook {
  readonly theme: 'light' | 'dark';
  readonly contrast: 'normal' | 'high';
}

/** How index.html states its look. */
const statedLook = 'data-theme="light" data-contrast="normal"';

/** The answer to a request of the window for one of the files in `root`; a page is given in `look`. */
export async function answerPage(method: string, address: string, root: string, look?: PageLook): Promise<PageAnswer> {
  if (method !== 'GET' && method !== 'HEAD') return refuse(405);
  const file = fileOf(address, root);
  if (file === undefined) return refuse(403);
  const type = contentTypes[path.extname(file)];
  if (type === undefined) return refuse(404);
  try {
    const content = await readFile(file);
    const body = look !== undefined && path.extname(file) === '.html' ? inLook(content, look) : content;
    return { status: 200, headers: { ...headers, 'Content-Type': type }, body: method === 'HEAD' ? null : body };
  } catch {
    return refuse(404);
  }
}

function inLook(page: Buffer, { theme, contrast }: PageLook): Uint8Array {
  return Buffer.from(page.toString().replace(statedLook, `data-theme="${theme}" data-contrast="${contrast}"`));
}

function refuse(status: 403 | 404 | 405): PageAnswer {
  return { status, headers, body: null };
}

/** The file an address stands for; undefined when it is of another origin or leads out of the folder. */
function fileOf(address: string, root: string): string | undefined {
  let pathname: string;
  try {
    const url = new URL(address);
    if (!url.href.startsWith(`${appOrigin}/`)) return undefined;
    pathname = decodeURIComponent(url.pathname);
  } catch {
    return undefined;
  }
  if (pathname.includes('\0')) return undefined;
  const file = path.join(root, pathname === '/' ? 'index.html' : pathname);
  return file.startsWith(root + path.sep) ? file : undefined;
}
