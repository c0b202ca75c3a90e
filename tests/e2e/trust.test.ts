/** What the app promises about the network and about what it tells of the person. */
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import { join } from 'node:path';
import { expect, test } from './support/app.ts';
import { clickMenu } from './support/menu.ts';
import { outsideConnections, processTree, RecordingProxy } from './support/network.ts';
import { analyse, goToStep, openStories, setNumber, startTraining, trainingEnds } from './support/wizard.ts';

const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'] as const;

test.describe('the network', () => {
  test.skip(process.platform !== 'linux', 'Sockets of processes are looked up in /proc.');

  test('is not used from the start through the sample path to the end', async ({ launch }) => {
    test.setTimeout(180_000);
    const proxy = await RecordingProxy.start();
    const before = [...variables, 'NO_PROXY'].map((name) => [name, process.env[name]] as const);
    for (const name of variables) process.env[name] = proxy.address;
    // The test's own connection to the app is no business of the proxy.
    process.env['NO_PROXY'] = '127.0.0.1,localhost';
    const outside = new Set<string>();
    let watch: NodeJS.Timeout | undefined;
    try {
      const app = await launch(`--proxy-server=${proxy.address}`);
      const root = app.electron.process().pid ?? 0;
      watch = setInterval(() => {
        for (const connection of outsideConnections(processTree(root))) outside.add(connection);
      }, 100);
      await openStories(app.window);
      await goToStep(app.window, 'Ranks');
      await analyse(app.window);
      await goToStep(app.window, 'Train');
      await setNumber(app.window, 'Steps', 4);
      await startTraining(app.window);
      await trainingEnds(app.window);
      for (const view of ['Home', 'Runs', 'Sweeps', 'Studies', 'Chat', 'Settings']) {
        await app.window.getByRole('button', { name: view, exact: true }).first().click();
      }
      await app.close();
    } finally {
      clearInterval(watch);
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
    expect(proxy.asked).toEqual([]);
    expect([...outside]).toEqual([]);
    await proxy.close();
  });

  test('would have been seen: the proxy records, and a connection of a process is found', async () => {
    const proxy = await RecordingProxy.start();
    const { port } = new URL(proxy.address);
    await new Promise<void>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path: 'http://example.com/' }, (response) => {
        response.resume().on('end', resolve);
      }).on('error', reject);
    });
    expect(proxy.asked).toEqual(['GET http://example.com/']);
    await proxy.close();
    const own = Object.values(os.networkInterfaces())
      .flat()
      .find((entry) => entry?.family === 'IPv4' && !entry.internal);
    test.skip(own === undefined, 'This computer has no address but the loopback.');
    const server = createServer().listen(0, own?.address);
    await new Promise((resolve) => server.once('listening', resolve));
    const socket = connect((server.address() as AddressInfo).port, own?.address ?? '');
    await new Promise((resolve) => socket.once('connect', resolve));
    expect(outsideConnections([process.pid]).length).toBeGreaterThan(0);
    socket.destroy();
    server.close();
  });
});

test('diagnostics are shown whole, hold nothing private, and are saved as they were shown', async ({ app, places }) => {
  const { window, electron } = app;
  await openStories(window);
  await clickMenu(electron, 'Help', 'Save Diagnostics…');
  const dialog = window.getByRole('dialog', { name: 'Diagnostics' });
  const file = dialog.getByRole('textbox', { name: 'The diagnostics file' });
  await expect(file).toHaveValue(/## Log/, { timeout: 60_000 });
  const text = await file.inputValue();
  for (const told of ['## Versions', 'electron: ', 'TensorFlow ', 'engine threads', 'theme: ']) {
    expect(text).toContain(told);
  }
  for (const secret of [places.home, places.cache, places.state, os.hostname(), os.homedir()]) {
    expect(text).not.toContain(secret);
  }
  await app.screenshot('diagnostics');
  const saved = join(places.home, 'diagnostics.txt');
  await electron.evaluate(({ session }, target) => {
    session.defaultSession.once('will-download', (_event, item) => item.setSavePath(target));
  }, saved);
  await dialog.getByRole('button', { name: 'Save…' }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => readOrNothing(saved)).toBe(text);
});

test('what this computer is using names the device, and why there is no graphics card with what to do', async ({
  app,
}) => {
  const { window } = app;
  await window.getByRole('button', { name: 'Settings', exact: true }).first().click();
  const device = window.locator('dt', { hasText: /^Computes on$/ });
  await expect(device).toBeVisible({ timeout: 60_000 });
  const onProcessor = (await device.locator('xpath=following-sibling::dd[1]').innerText()) === 'Processor';
  await expect(window.locator('dt', { hasText: /^To use one$/ })).toHaveCount(onProcessor ? 1 : 0);
  await expect(window.locator('dt', { hasText: /^Why no graphics card$/ })).toHaveCount(onProcessor ? 1 : 0);
  await app.screenshot('settings-computer');
});

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
