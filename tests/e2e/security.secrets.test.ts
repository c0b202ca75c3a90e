/** Where tokens are: with the main process and, while it works, the engine. Nowhere else. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hubToken, startUploadHub } from '../support/uploadHub.ts';
import { expect, test, type LaunchedApp } from './support/app.ts';
import { callRoute } from './support/routes.ts';

const clusterToken = 'LocalClusterTokenThatMustNotLeak';

/** A secret as it is, and as encodings would hide it. */
function formsOf(secret: string): Buffer[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -2);
  return [secret, base64, Buffer.from(secret).toString('hex'), encodeURIComponent(secret)].flatMap((text) => [
    Buffer.from(text),
    Buffer.from(text, 'utf16le'),
  ]);
}

/** Files below a folder, and details of this app's processes, that hold one of the secrets. */
function placesOf(secrets: readonly string[], folder: string): string[] {
  const forms = secrets.flatMap(formsOf);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    .filter((file) => {
      const content = readFileSync(file);
      return forms.some((form) => content.includes(form));
    });
}

async function commandsOf({ electron }: LaunchedApp): Promise<string> {
  const ids = await electron.evaluate(({ app }) => app.getAppMetrics().map(({ pid }) => pid));
  return ids
    .flatMap((id) => ['cmdline', 'environ'].map((name) => `/proc/${id}/${name}`))
    .map((file) => {
      try {
        return readFileSync(file, 'utf8');
      } catch {
        // The process has ended, or this system has no /proc.
        return '';
      }
    })
    .join('\n');
}

async function jobEnds({ window }: LaunchedApp, jobId: string): Promise<string> {
  const read = async () => (await callRoute(window, 'jobs.snapshot', { jobId })).job.state;
  await expect.poll(read, { timeout: 60_000 }).toMatch(/done|failed|cancelled/);
  return read();
}

test('tokens are in no log, no file, no job, no argument and not in the window; without a keychain the app says so', async ({
  launch,
  places,
}) => {
  const hub = await startUploadHub();
  process.env['HF_ENDPOINT'] = hub.url;
  try {
    const app = await launch();
    const { window } = app;
    const account = await callRoute(window, 'hub.saveToken', { token: hubToken });
    // There is no keychain where tests run in a container; where there is one, it keeps the token.
    expect(account.token).toBe(account.canSave ? 'saved' : 'session');
    const target = { name: 'cluster', address: 'http://127.0.0.1:9', storage: '/storage' };
    await callRoute(window, 'targets.save', { target, token: clusterToken });
    await expect(callRoute(window, 'targets.test', { name: 'cluster' })).rejects.toThrow('TARGET_UNREACHABLE');
    const file = join(places.home, 'model.gguf');
    writeFileSync(file, Buffer.alloc(5_000, 7));
    hub.fail(/POST /, 500, 100);
    const failing = await callRoute(window, 'jobs.start', {
      kind: 'publish.run',
      input: { path: file, repo: 'mara/first' },
    });
    const commands = await commandsOf(app);
    await callRoute(window, 'jobs.control', { jobId: failing.jobId, action: 'cancel' });
    await jobEnds(app, failing.jobId);
    hub.recover();
    const { jobId } = await callRoute(window, 'jobs.start', {
      kind: 'publish.run',
      input: { path: file, repo: 'mara/second' },
    });
    expect(await jobEnds(app, jobId)).toBe('done');
    expect(hub.leaks).toEqual([]);
    const told = JSON.stringify([
      await callRoute(window, 'jobs.list', {}),
      await callRoute(window, 'jobs.snapshot', { jobId }),
      await callRoute(window, 'jobs.snapshot', { jobId: failing.jobId }),
      await callRoute(window, 'hub.account', {}),
      await callRoute(window, 'targets.list', {}),
      await window.evaluate(() => [
        document.documentElement.outerHTML,
        Object.entries(localStorage),
        Object.entries(sessionStorage),
      ]),
    ]);
    for (const secret of [hubToken, clusterToken]) {
      expect(told).not.toContain(secret);
      expect(commands).not.toContain(secret);
    }
    // A token that is refused is not repeated either.
    const wrong = await callRoute(window, 'hub.saveToken', { token: `${hubToken} with a space` }).catch(String);
    expect(wrong).not.toContain(hubToken);
    expect(placesOf([hubToken, clusterToken], dirname(places.home))).toEqual([]);
    await app.close();
    expect(placesOf([hubToken, clusterToken], dirname(places.home))).toEqual([]);
    const again = await launch();
    expect((await callRoute(again.window, 'hub.account', {})).token).toBe(account.canSave ? 'saved' : 'none');
  } finally {
    delete process.env['HF_ENDPOINT'];
    await hub.close();
  }
});
