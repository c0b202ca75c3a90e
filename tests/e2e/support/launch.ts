/** Starts the real app, built or packaged, so that Playwright drives its window. */
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';

/** Also keeps the app from measuring beside a test; one that is about that sets them to 0, which decides nothing. */
const oneThread = { TF_NUM_INTRAOP_THREADS: '1', OMP_NUM_THREADS: '1' };
const startMilliseconds = 60_000;
const closeMilliseconds = 10_000;

/** Folders of one app. They stay the same when it is started again. */
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

type ElectronOptions = NonNullable<Parameters<typeof _electron.launch>[0]>;

/**
 * Starts the packaged program when its tests run, else the built bundles in Electron's runtime. A packaged program does
 * not take Playwright's loader, which holds the app back until Playwright is connected; without it the connection is
 * made while the window comes up and now and then gets no answer, so a second and third try are made.
 */
async function connect(root: string, options: ElectronOptions): Promise<ElectronApplication> {
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

/**
 * @param root folder of the project
 * @param program to start in the place of Electron's runtime with the built bundles
 * @param log gets what main process and window print
 */
export async function launchApp(
  root: string,
  places: Places,
  program: string | undefined,
  parameters: readonly string[],
  log: string[],
): Promise<LaunchedApp> {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  delete environment['ELECTRON_RUN_AS_NODE'];
  const electron = await connect(root, {
    ...(program === undefined ? {} : { executablePath: program }),
    args: [`--user-data-dir=${places.state}`, '--disable-gpu', ...parameters],
    env: { ...oneThread, ...environment, SARA_HOME: places.home, SARA_CACHE: places.cache },
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
      await window.screenshot({ path: join(root, 'test-results', 'screenshots', `${name}.png`) });
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const timer = setTimeout(() => child.kill('SIGKILL'), closeMilliseconds);
      await electron.close().catch((error: unknown) => log.push(`close: ${String(error)}`));
      clearTimeout(timer);
    },
  };
}
