/**
 * https://www.electronjs.org/docs/latest/tutorial/security, the points about the page: what code in the window cannot do,
 * even if a fault let it in. Each thing is tried from inside the page. SECURITY.md names the points and their tests.
 */
import { expect, test as base, type LaunchedApp } from './support/app.ts';
import { callRoute } from './support/routes.ts';
import { watchingServer, type WatchingServer } from './support/watchingServer.ts';

const test = base.extend<{ outside: WatchingServer }>({
  // Playwright finds out what a fixture needs from this pattern.
  // eslint-disable-next-line no-empty-pattern
  outside: async ({}, use) => {
    const server = await watchingServer();
    await use(server);
    server.close();
  },
});

const home = 'app://sara/';

/** Playwright's own waiting would wait for the navigation that never comes. */
async function hasContent({ window: page }: LaunchedApp): Promise<boolean> {
  return page.evaluate(() => document.querySelector('main') !== null).catch(() => false);
}

async function windowCount({ electron }: LaunchedApp): Promise<number> {
  return electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
}

test('the page is isolated: no Node, no Electron, no insecure features', async ({ app }) => {
  const preferences = await app.electron.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Readonly<Record<string, unknown>>;
    };
    const all = contents.getLastWebPreferences();
    const names = ['contextIsolation', 'nodeIntegration', 'nodeIntegrationInWorker', 'nodeIntegrationInSubFrames'];
    const more = ['webSecurity', 'allowRunningInsecureContent', 'experimentalFeatures', 'enableBlinkFeatures'];
    const last = ['webviewTag', 'navigateOnDragDrop', 'plugins'];
    return Object.fromEntries([...names, ...more, ...last].map((name) => [name, all[name] ?? null]));
  });
  // What is not set has Electron's default, which is the safe one.
  expect(preferences['contextIsolation'] ?? true).toBe(true);
  expect(preferences['webSecurity'] ?? true).toBe(true);
  for (const name of Object.keys(preferences).filter((key) => key !== 'contextIsolation' && key !== 'webSecurity')) {
    expect(preferences[name] === null || preferences[name] === false || preferences[name] === '', name).toBe(true);
  }
  const seen = await app.window.evaluate(() => {
    const globals = ['require', 'process', 'module', 'global', 'Buffer', '__dirname', 'electron', 'ipcRenderer'];
    return {
      globals: globals.filter((name) => name in window),
      bridge: Object.keys(window.bridge ?? {}).toSorted(),
      frozen: Object.isFrozen(window.bridge),
    };
  });
  expect(seen).toEqual({ globals: [], bridge: ['invoke', 'pathOfDroppedFile', 'subscribe'], frozen: true });
});

test('what the page does to its objects does not reach the preload, which lives in a world of its own', async ({
  app,
}) => {
  await app.window.evaluate(() => {
    Object.assign(window, { left: true });
    Object.defineProperty(Array.prototype, 'polluted', { value: true, configurable: true });
    Function.prototype.call = () => 'stolen';
  });
  const world = await app.electron.evaluate(async ({ BrowserWindow }) => {
    // The world in which Electron runs preloads.
    const code =
      '[typeof window.left, typeof [].polluted, String(Function.prototype.call).includes("native"), typeof require, typeof process]';
    return (await BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScriptInIsolatedWorld(999, [
      { code },
    ])) as unknown;
  });
  expect(world).toEqual(['undefined', 'undefined', true, 'undefined', 'undefined']);
});

test('the content security policy stops code, styles, frames and requests that are not of the app', async ({
  app,
  outside,
}) => {
  const { ran, blocked } = await app.window.evaluate(async (address) => {
    const done: string[] = [];
    const directives = new Set<string>();
    const spy = window as unknown as { mark: (name: string) => void };
    spy.mark = (name) => void done.push(name);
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      directives.add(effectiveDirective),
    );
    const add = (html: string): void => {
      const holder = document.createElement('div');
      holder.innerHTML = html;
      document.body.append(holder);
    };
    const script = (fill: (element: HTMLScriptElement) => void): void => {
      const element = document.createElement('script');
      fill(element);
      document.head.append(element);
    };
    script((element) => (element.textContent = 'mark("inline script")'));
    script((element) => (element.src = `${address}/script.js`));
    script((element) => (element.src = 'data:text/javascript,mark("data script")'));
    script((element) => (element.src = URL.createObjectURL(new Blob(['mark("blob script")']))));
    add('<img src="data:,x" onerror="mark(\'event handler\')">');
    add('<a id="js" href="javascript:mark(\'javascript link\')">x</a>');
    document.querySelector<HTMLElement>('#js')?.click();
    add(`<img src="${address}/picture.png"><iframe src="${address}/frame"></iframe>`);
    add('<iframe srcdoc="<script>parent.mark(\'srcdoc\')</script>"></iframe>');
    add(`<object data="${address}/object"></object><embed src="${address}/embed">`);
    add(`<link rel="stylesheet" href="${address}/style.css"><style>body{--marked:1}</style>`);
    add(`<base href="${address}/"><video src="${address}/video"></video>`);
    add(`<form id="out" action="${address}/form"></form>`);
    document.querySelector<HTMLFormElement>('#out')?.submit();
    const attempts: (() => unknown)[] = [
      async () => fetch(`${address}/fetch`),
      async () => fetch('file:///etc/hostname'),
      () => new WebSocket(`${address.replace('http', 'ws')}/socket`),
      () => new EventSource(`${address}/events`),
      () => navigator.sendBeacon(`${address}/beacon`),
      () => new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))),
      async () => navigator.serviceWorker.register('/worker.js'),
    ];
    for (const attempt of attempts)
      await Promise.resolve()
        .then(attempt)
        .catch(() => undefined);
    // Playwright lets what it evaluates call eval itself; what a timer calls stands alone.
    const evaluated = await new Promise<string[]>((resolve) => {
      setTimeout(() => {
        const list: string[] = [];
        for (const [name, attempt] of [
          ['eval', (): unknown => (0, eval)('1')],
          // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what is tried here
          ['Function', (): unknown => (new Function('return 1') as () => unknown)()],
        ] as const) {
          try {
            attempt();
            list.push(name);
          } catch {
            // Refused, as it must be.
          }
        }
        resolve(list);
      }, 0);
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (getComputedStyle(document.body).getPropertyValue('--marked') !== '') done.push('inline style');
    if (document.baseURI !== location.href) done.push('base');
    return { ran: [...done, ...evaluated], blocked: [...directives] };
  }, outside.address);
  expect(ran).toEqual([]);
  expect(outside.asked).toEqual([]);
  expect(app.window.url()).toBe(home);
  expect(blocked).toEqual(
    expect.arrayContaining([
      'script-src-elem',
      'script-src-attr',
      'script-src',
      'style-src-elem',
      'img-src',
      'frame-src',
      'connect-src',
      'worker-src',
      'form-action',
      'base-uri',
    ]),
  );
});

test('the app’s own protocol serves the window’s files and nothing else', async ({ app }) => {
  const addresses = [
    'app://sara/../main/main.cjs',
    'app://sara/%2e%2e/main/main.cjs',
    'app://sara/..%2fmain%2fmain.cjs',
    'app://sara/%2e%2e%2f%2e%2e%2fpackage.json',
    'app://sara/..%5c..%5cpackage.json',
    'app://sara//etc/passwd',
    'app://sara/%2fetc%2fpasswd',
    'app://sara/%00/index.html',
    'app://sara/index.html%00.png',
    'app://sara/%E0%A4%A',
    'app://other/index.html',
    'app:///etc/passwd',
    'app://sara/assets/',
    'file:///etc/passwd',
    'filesystem:app://sara/temporary/x',
    'chrome://version',
  ];
  const answers = await app.window.evaluate(async (list) => {
    const found: string[] = [];
    for (const address of list) {
      const text = await fetch(address).then(
        async (answer) => (answer.ok ? await answer.text() : ''),
        () => '',
      );
      if (text !== '') found.push(`${address}: ${text.slice(0, 100)}`);
    }
    const own = await fetch('app://sara/');
    const posted = await fetch('app://sara/', { method: 'POST' });
    return { found, own: own.status, posted: posted.status, policy: own.headers.get('content-security-policy') };
  }, addresses);
  expect(answers).toMatchObject({ found: [], own: 200, posted: 405 });
  expect(answers.policy).toContain("default-src 'none'");
  expect(answers.policy).not.toMatch(/unsafe|http:|https:|\*/);
});

test('the window goes nowhere else, opens no other one and shows no webview', async ({ app, outside }) => {
  const targets = [
    `${outside.address}/navigated`,
    'https://localhost/',
    'file:///etc/passwd',
    'app://other/',
    'data:text/html,outside',
    'mailto:someone@localhost',
    'about:blank',
  ];
  // A page that leaves while its scripts are on the way ends their loading itself.
  await expect.poll(async () => hasContent(app)).toBe(true);
  for (const target of targets) {
    await app.window.evaluate((url) => setTimeout(() => location.assign(url), 0), target);
    await app.window.waitForTimeout(200);
    // Which of these end in an empty page for a moment is Chromium's business.
    await expect.poll(() => app.window.url(), target).toBe(home);
    await expect.poll(async () => hasContent(app), target).toBe(true);
    const opened = await app.window.evaluate((url) => {
      const link = document.body.appendChild(document.createElement('a'));
      link.href = url;
      link.target = '_blank';
      link.click();
      link.remove();
      return window.open(url) !== null;
    }, target);
    expect(opened, target).toBe(false);
  }
  const webview = await app.window.evaluate(async (url) => {
    const element = document.createElement('webview');
    element.setAttribute('src', url);
    document.body.append(element);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return 'getWebContentsId' in element;
  }, `${outside.address}/webview`);
  expect(webview).toBe(false);
  expect(await windowCount(app)).toBe(1);
  expect(outside.asked).toEqual([]);
  expect(await hasContent(app)).toBe(true);
});

test('nothing in the window’s session reaches a server, with the policy out of the way', async ({ app, outside }) => {
  const failures = await app.electron.evaluate(async ({ BrowserWindow, net }, address) => {
    const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
    const refused = async (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'loaded',
        (error: unknown) => String(error),
      );
    const page = await refused(window.loadURL(`${address}/page`));
    const picture = await refused(window.loadURL(`data:text/html,<img src="${address}/picture">`));
    const fetched = await refused(net.fetch(`${address}/fetch`));
    await new Promise((resolve) => setTimeout(resolve, 300));
    window.destroy();
    return { page, picture, fetched };
  }, outside.address);
  expect(failures.page).toContain('ERR_BLOCKED_BY_CLIENT');
  expect(failures.fetched).toContain('ERR_BLOCKED_BY_CLIENT');
  expect(outside.asked).toEqual([]);
});

test('every permission but copying text is refused', async ({ app }) => {
  const given = await app.window.evaluate(async () => {
    const names = [
      'geolocation',
      'notifications',
      'camera',
      'microphone',
      'clipboard-read',
      'midi',
      'persistent-storage',
    ];
    const list: string[] = [];
    for (const name of [
      ...names,
      'accelerometer',
      'background-sync',
      'storage-access',
      'screen-wake-lock',
      'local-fonts',
    ]) {
      const status = await navigator.permissions.query({ name: name as PermissionName }).catch(() => undefined);
      if (status?.state === 'granted') list.push(`query ${name}`);
    }
    const tried: Record<string, () => Promise<unknown>> = {
      camera: async () => navigator.mediaDevices.getUserMedia({ video: true, audio: true }),
      screen: async () => navigator.mediaDevices.getDisplayMedia(),
      place: async () =>
        new Promise((resolve, reject) => {
          navigator.geolocation.getCurrentPosition(resolve, reject);
        }),
      notification: async () => {
        if ((await Notification.requestPermission()) !== 'granted') throw new Error('denied');
      },
      clipboard: async () => navigator.clipboard.readText(),
      midi: async () => navigator.requestMIDIAccess({ sysex: true }),
      lock: async () => navigator.wakeLock.request('screen'),
      persist: async () => {
        if (!(await navigator.storage.persist())) throw new Error('denied');
      },
    };
    for (const [name, attempt] of Object.entries(tried)) {
      await attempt().then(
        () => list.push(name),
        () => undefined,
      );
    }
    const devices = navigator as unknown as Record<
      'hid' | 'usb' | 'serial',
      undefined | { getDevices?(): Promise<unknown[]>; getPorts?(): Promise<unknown[]> }
    >;
    for (const name of ['hid', 'usb', 'serial'] as const) {
      const found = await (devices[name]?.getDevices?.() ?? devices[name]?.getPorts?.() ?? Promise.resolve([])).catch(
        () => [],
      );
      if (found.length > 0) list.push(name);
    }
    return list;
  });
  expect(given).toEqual([]);
});

test('the system’s browser gets https addresses alone', async ({ app }) => {
  const opened = await app.electron.evaluateHandle(({ shell }) => {
    const list: string[] = [];
    shell.openExternal = async (url) => {
      list.push(url);
      return Promise.resolve();
    };
    return list;
  });
  const refused = [
    'http://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'ms-msdt:/id',
    'smb://host/share',
    'mailto:someone@example.com',
    ' https-not://example.com',
    '//example.com',
    'https:',
    '',
  ];
  for (const url of refused) {
    await expect(callRoute(app.window, 'shell.openLink', { url }), url).rejects.toThrow('SETTINGS_INVALID');
  }
  expect(await callRoute(app.window, 'shell.openLink', { url: 'https://example.com/page' })).toEqual({ opened: true });
  expect(await opened.jsonValue()).toEqual(['https://example.com/page']);
});
