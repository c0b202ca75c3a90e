/** What is switched off in the program itself, looked at in the packaged one. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { listPackage } from '@electron/asar';
import { expect, test } from '../e2e/support/app.ts';
import { whyNoSandboxHere } from '../e2e/support/ordinaryUser.ts';
import { callRoute } from '../e2e/support/routes.ts';

/** How the program holds the state of a fuse. */
const fuse = { on: '1'.charCodeAt(0), off: '0'.charCodeAt(0) } as const;

const program = process.env['SARA_PACKAGED'] ?? '';
const resources = join(dirname(program), ...(process.platform === 'darwin' ? ['..', 'Resources'] : ['resources']));

test('the fuses of the program are set', async () => {
  const wire = await getCurrentFuseWire(program);
  const expected: readonly (readonly [FuseV1Options, number])[] = [
    [FuseV1Options.RunAsNode, fuse.off],
    [FuseV1Options.EnableCookieEncryption, fuse.on],
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable, fuse.off],
    // Playwright drives the window through it; tests/installers looks at what people get, where it is off.
    [FuseV1Options.EnableNodeCliInspectArguments, fuse.on],
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, fuse.on],
    [FuseV1Options.OnlyLoadAppFromAsar, fuse.on],
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot, fuse.off],
    [FuseV1Options.GrantFileProtocolExtraPrivileges, fuse.off],
  ];
  for (const [name, state] of expected) {
    // An older Electron has a shorter wire; what it lacks it cannot do.
    if (wire[name] !== undefined) expect(wire[name], FuseV1Options[name]).toBe(state);
  }
});

test('the program is no Node: neither ELECTRON_RUN_AS_NODE nor NODE_OPTIONS makes it run other code', () => {
  const marker = 'other code ran';
  const code = `process.stdout.write(${JSON.stringify(marker)}); process.exit(0)`;
  const { stdout, stderr } = spawnSync(program, ['--no-sandbox', '--version', '-e', code], {
    encoding: 'utf8',
    timeout: 20_000,
    env: {
      ...process.env,
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: `--require ${join(import.meta.dirname, 'never-there.cjs')}`,
    },
  });
  expect(`${stdout}${stderr}`).not.toContain(marker);
  expect(`${stdout}${stderr}`).not.toContain('never-there');
});

test('code lies in the archive, native parts beside it, and nothing of the sources', () => {
  const files = listPackage(join(resources, 'app.asar'), { isPack: false });
  expect(files).toEqual(expect.arrayContaining([join('/', 'out', 'main', 'main.cjs')]));
  expect(files.filter((file) => /\.(map|ts|svelte)$|[\\/](?:tests|src-main|\.env)/.test(file))).toEqual([]);
  const unpacked = join(resources, 'app.asar.unpacked', 'node_modules', '@tensorflow');
  expect(existsSync(unpacked)).toBe(true);
  expect(existsSync(join(resources, 'app'))).toBe(false);
  expect(existsSync(join(resources, 'default_app.asar'))).toBe(false);
});

test('no menu opens the developer tools', async ({ app }) => {
  const roles = await app.electron.evaluate(({ Menu }) => {
    const list: string[] = [];
    const walk = (menu: Electron.Menu | undefined | null): void => {
      for (const item of menu?.items ?? []) {
        list.push(String(item.role).toLowerCase());
        walk(item.submenu);
      }
    };
    walk(Menu.getApplicationMenu());
    return list;
  });
  expect(roles.length).toBeGreaterThan(5);
  expect(roles).not.toContain('toggledevtools');
});

test('a build without the address of a feed says so, and asks nobody', async ({ app }) => {
  expect(existsSync(join(resources, 'app-update.yml'))).toBe(false);
  expect(await callRoute(app.window, 'updates.get', {})).toEqual({ state: 'off', reason: 'no-address' });
  await expect(callRoute(app.window, 'updates.check', {})).rejects.toThrow('SETTINGS_INVALID');
});

test.describe('of an ordinary user', () => {
  test.use({ asOrdinaryUser: true });

  test('the packaged window is locked in', async ({ app }) => {
    test.skip(process.platform !== 'linux', 'Seen in /proc, which Linux alone has.');
    const reason = whyNoSandboxHere();
    test.skip(reason !== undefined, reason);
    const page = await app.electron.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0,
    );
    const status = readFileSync(`/proc/${page}/status`, 'utf8');
    expect(status).toMatch(/^Seccomp:\s*2$/m);
    expect(status).toMatch(/^NoNewPrivs:\s*1$/m);
    const report = await callRoute(app.window, 'engine.report', {});
    expect(report.package).toMatch(/^@tensorflow\/tfjs-node/);
  });
});
