/** Starts the real app with a home, a cache and a state folder of its own, and keeps its logs when a test fails. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, test as base, type ElectronApplication, type Page, type TestInfo } from '@playwright/test';
import { cacheDirectory } from '../../../src-main/util/paths.ts';
import { programOfOrdinaryUser } from './ordinaryUser.ts';

export { expect } from '@playwright/test';

const root = join(import.meta.dirname, '..', '..', '..');
const screenshots = join(root, 'test-results', 'screenshots');
const startMilliseconds = 60_000;
const closeMilliseconds = 10_000;

/** Folders of one test. They stay the same when the test starts the app again. */
export interface Places {
  /** What the app takes for the person's `SARA Studio` folder. */
  readonly home: string;
  /** The cache; models that were downloaded before are linked into it. */
  readonly cache: string;
  /** Settings, window position and logs. */
  readonly state: string;
}

export interface LaunchedApp {
  readonly electron: ElectronApplication;
  readonly window: Page;
  /** Keeps a picture of the window in test-results/screenshots. */
  screenshot(name: string): Promise<void>;
  /** Ends the app as its menu does; a window that asks back is ended after ten seconds. */
  close(): Promise<void>;
}

export interface LaunchOptions {
  /** Starts the app as a user without rights, and so with Chromium's sandbox on, also when root runs the tests. */
  readonly asOrdinaryUser: boolean;
}

export type Launch = (...parameters: readonly string[]) => Promise<LaunchedApp>;

interface Fixtures {
  readonly places: Places;
  /** Starts the app with further parameters; may be called again after `close`. */
  readonly launch: Launch;
  /** The app, started. */
  readonly app: LaunchedApp;
}

export const test = base.extend<Fixtures & LaunchOptions>({
  asOrdinaryUser: [false, { option: true }],
  // Playwright finds out what a fixture needs from this pattern.
  // eslint-disable-next-line no-empty-pattern
  places: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'sara-e2e-'));
    const places = { home: join(folder, 'home'), cache: join(folder, 'cache'), state: join(folder, 'state') };
    for (const place of Object.values(places)) mkdirSync(place);
    const models = join(cacheDirectory(), 'models');
    if (existsSync(models)) symlinkSync(models, join(places.cache, 'models'), 'junction');
    await use(places);
    // Processes of an app that was ended by force may still be writing.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  },
  launch: async ({ places, asOrdinaryUser }, use, testInfo) => {
    const log: string[] = [];
    const launched: LaunchedApp[] = [];
    await use(async (...parameters) => {
      const program = asOrdinaryUser ? programOfOrdinaryUser(places) : process.env['SARA_PACKAGED'];
      const app = await launchApp(places, program, parameters, log);
      launched.push(app);
      return app;
    });
    for (const app of launched) await app.close();
    if (testInfo.status !== testInfo.expectedStatus) await attachLogs(testInfo, places, log);
  },
  app: async ({ launch }, use) => {
    await use(await launch());
  },
});

type ElectronOptions = NonNullable<Parameters<typeof _electron.launch>[0]>;

/**
 * Starts the packaged program when its tests run, else the built bundles in Electron's runtime. A packaged program does
 * not take Playwright's loader, which holds the app back until Playwright is connected; without it the connection is
 * made while the window comes up and now and then gets no answer, so a second and third try are made.
 */
async function connect(options: ElectronOptions): Promise<ElectronApplication> {
  if (process.env['SARA_PACKAGED'] === undefined) {
    return await _electron.launch({ ...options, args: [root, ...(options.args ?? [])], timeout: startMilliseconds });
  }
  const packaged = { ...options, timeout: startMilliseconds / 3 };
  for (let tries = 1; ; tries++) {
    try {
      return await _electron.launch(packaged);
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

async function launchApp(
  places: Places,
  program: string | undefined,
  parameters: readonly string[],
  log: string[],
): Promise<LaunchedApp> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  delete environment['ELECTRON_RUN_AS_NODE'];
  const electron = await connect({
    ...(program === undefined ? {} : { executablePath: program }),
    args: [`--user-data-dir=${places.state}`, '--disable-gpu', ...parameters],
    env: { ...environment, SARA_HOME: places.home, SARA_CACHE: places.cache },
  });
  const child = electron.process();
  child.stdout?.on('data', (data: Buffer) => log.push(`main: ${data.toString().trimEnd()}`));
  child.stderr?.on('data', (data: Buffer) => log.push(`main: ${data.toString().trimEnd()}`));
  const window = await electron.firstWindow({ timeout: startMilliseconds });
  window.on('console', (message) => log.push(`window: ${message.type()}: ${message.text()}`));
  window.on('pageerror', (error) => log.push(`window: ${error.stack ?? error.message}`));
  return {
    electron,
    window,
    async screenshot(name) {
      await window.screenshot({ path: join(screenshots, `${name}.png`) });
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const timer = setTimeout(() => child.kill('SIGKILL'), closeMilliseconds);
      await electron.close().catch((error: unknown) => log.push(`close: ${String(error)}`));
      clearTimeout(timer);
    },
  };
}

async function attachLogs(testInfo: TestInfo, places: Places, log: readonly string[]): Promise<void> {
  await testInfo.attach('main-and-window.log', { body: log.join('\n'), contentType: 'text/plain' });
  const logs = join(places.state, 'logs');
  if (!existsSync(logs)) return;
  for (const name of readdirSync(logs)) {
    await testInfo.attach(name, { body: readFileSync(join(logs, name)), contentType: 'text/plain' });
  }
}
