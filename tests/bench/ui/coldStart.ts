/** Starts the app as a person does, without a driver, and asks the page afterwards when it was painted. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { WebSocket } from 'ws';
import { findElectron } from '../../../src-main/setup/electronRuntime.mjs';
import { whyNoSandbox } from '../../../src-main/setup/sandbox.mjs';
import type { Places } from '../../e2e/support/app.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
/** Long enough for everything to be painted; what is asked then does not disturb the start. */
const settledMilliseconds = 3_500;

/** Milliseconds from the start of the process. */
export interface ColdStart {
  /** The window shows something: title bar, navigation. */
  readonly firstPaint: number;
  /** The last large thing of Home was painted. */
  readonly home: number;
}

/** Start-up of a process of its own. */
export async function coldStart(places: Places): Promise<ColdStart> {
  const electron = findElectron();
  if (electron === undefined) throw new Error('The Electron runtime is missing: run npm run setup.');
  const switches = whyNoSandbox(electron.folder) === undefined ? [] : ['--no-sandbox'];
  const environment: NodeJS.ProcessEnv = { ...process.env, SARA_HOME: places.home, SARA_CACHE: places.cache };
  delete environment['ELECTRON_RUN_AS_NODE'];
  const begun = performance.timeOrigin + performance.now();
  const child = spawn(
    electron.program,
    [root, `--user-data-dir=${places.state}`, '--disable-gpu', '--remote-debugging-port=0', ...switches],
    { env: environment, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    const address = await debuggerOf(child);
    await new Promise((resolve) => setTimeout(resolve, settledMilliseconds));
    const painted = await paintsOf(address);
    return { firstPaint: painted.first - begun, home: painted.last - begun };
  } finally {
    await ended(child);
  }
}

async function debuggerOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (data: Buffer) => {
      text += data.toString();
      const [, host] = /DevTools listening on ws:\/\/([^/]+)\//.exec(text) ?? [];
      if (host !== undefined) resolve(host);
    });
    child.once('exit', (code) => reject(new Error(`Electron ended (${String(code)}): ${text}`)));
  });
}

/** Times of the first and of the largest paint, on the clock of the system. */
async function paintsOf(host: string): Promise<{ readonly first: number; readonly last: number }> {
  const pages = (await (await fetch(`http://${host}/json/list`)).json()) as {
    readonly type: string;
    readonly webSocketDebuggerUrl: string;
  }[];
  const page = pages.find(({ type }) => type === 'page');
  if (page === undefined) throw new Error('The app has no page.');
  const socket = new WebSocket(page.webSocketDebuggerUrl);
  try {
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const answer = new Promise<string>((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
    const expression = `new Promise((resolve) =>
      new PerformanceObserver((list) => {
        const first = performance.getEntriesByName('first-contentful-paint')[0].startTime;
        const last = list.getEntries().at(-1).startTime;
        resolve({ first: performance.timeOrigin + first, last: performance.timeOrigin + last });
      }).observe({ type: 'largest-contentful-paint', buffered: true }))`;
    const params = { expression, awaitPromise: true, returnByValue: true };
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }));
    const { result } = JSON.parse(await answer) as {
      readonly result: { readonly result: { readonly value?: { readonly first: number; readonly last: number } } };
    };
    if (result.result.value === undefined) throw new Error(`The page was not painted: ${JSON.stringify(result)}`);
    return result.result.value;
  } finally {
    socket.close();
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exit;
  clearTimeout(timer);
}
