/** Starts the real app with a home, a cache and a state folder of its own, and keeps its logs when a test fails. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type TestInfo } from '@playwright/test';
import { cacheDirectory } from '../../../src-main/util/paths.ts';
import { launchApp, type LaunchedApp, type Places } from './launch.ts';
import { programOfOrdinaryUser } from './ordinaryUser.ts';

export { expect } from '@playwright/test';
export type { LaunchedApp, Places } from './launch.ts';

const root = join(import.meta.dirname, '..', '..', '..');

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
      const app = await launchApp(root, places, program, parameters, log);
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

async function attachLogs(testInfo: TestInfo, places: Places, log: readonly string[]): Promise<void> {
  await testInfo.attach('main-and-window.log', { body: log.join('\n'), contentType: 'text/plain' });
  const logs = join(places.state, 'logs');
  if (!existsSync(logs)) return;
  for (const name of readdirSync(logs)) {
    await testInfo.attach(name, { body: readFileSync(join(logs, name)), contentType: 'text/plain' });
  }
}
