/**
 * https://www.electronjs.org/docs/latest/tutorial/security, the points about processes: what the app's processes may do,
 * looked at from outside, as the system sees them. SECURITY.md names the points and their tests.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type LaunchedApp, type Places } from './support/app.ts';
import { whyNoSandboxHere } from './support/ordinaryUser.ts';
import { callRoute } from './support/routes.ts';

test.use({ asOrdinaryUser: true });

/** Value of a line of /proc/PID/status. */
function statusOf(pid: number, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

async function rendererOf({ electron }: LaunchedApp): Promise<number> {
  return electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0);
}

test('the window of an ordinary user is locked in: seccomp filter, no new privileges, no capabilities', async ({
  app,
}) => {
  test.skip(process.platform !== 'linux', 'Seen in /proc, which Linux alone has.');
  const reason = whyNoSandboxHere();
  test.skip(reason !== undefined, reason);
  const page = await rendererOf(app);
  expect(statusOf(page, 'Seccomp')).toBe('2');
  expect(statusOf(page, 'NoNewPrivs')).toBe('1');
  expect(Number.parseInt(statusOf(page, 'CapEff') ?? '1', 16)).toBe(0);
  const own = app.electron.process().pid ?? 0;
  expect(statusOf(own, 'Uid')).not.toMatch(/^0\s/);
  expect(readFileSync(`/proc/${own}/cmdline`, 'utf8')).not.toContain('--no-sandbox');
  await expect(app.window.getByText('without Chromium’s sandbox')).toHaveCount(0);
});

test('a second start hands over a file of weights and nothing else of its arguments', async ({ app, places }) => {
  const file = join(places.home, 'model.gguf');
  writeFileSync(file, 'GGUF and nothing more');
  const hostile = [
    '--user-agent=x',
    '--load-extension=/tmp',
    'sara://open?path=/etc/passwd',
    'https://example.com/model.gguf.exe',
    'file:///etc/passwd',
    '/etc/passwd',
    '--demo',
    'javascript:alert(1)',
  ];
  expect(await secondStart(app, places, hostile)).toBe(1);
  await app.window.waitForTimeout(500);
  expect(await callRoute(app.window, 'app.openedFile', {})).toBeNull();
  for (const path of ['/etc/passwd', 'file:///etc/passwd']) {
    await expect(callRoute(app.window, 'model.inspectFile', { path })).rejects.toThrow('FORBIDDEN');
  }
  expect(app.window.url()).toBe('app://sara/');
  expect(await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  expect(await secondStart(app, places, [file])).toBe(0);
  await expect(app.window.getByText('model.gguf').first()).toBeVisible();
});

test('the app is nobody’s handler of links, and has no remote module', async ({ app }) => {
  const found = await app.electron.evaluate(({ app: own }) => {
    // Playwright's own world has no other `require`.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const load = process.mainModule?.require.bind(process.mainModule);
    let remote = false;
    try {
      load?.('@electron/remote');
      remote = true;
    } catch {
      // Not there, as it must be.
    }
    return {
      remote,
      handles: ['sara', 'app', 'https', 'file'].filter((scheme) => own.isDefaultProtocolClient(scheme)),
    };
  });
  expect(found).toEqual({ remote: false, handles: [] });
});

/** Starts the app again beside the one that runs, with its state, and gives the exit code. */
async function secondStart(app: LaunchedApp, { home, cache, state }: Places, parameters: readonly string[]) {
  const [program, ...given] = app.electron.process().spawnargs;
  const own = given.filter((text) => !/^--(inspect|remote-debugging)|^-r$|loader\.js$/.test(text));
  const child = spawn(
    program ?? '',
    [...own.filter((text) => !text.startsWith('--user-data-dir')), `--user-data-dir=${state}`, ...parameters],
    {
      env: { ...process.env, SARA_HOME: home, SARA_CACHE: cache },
      stdio: 'ignore',
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}
