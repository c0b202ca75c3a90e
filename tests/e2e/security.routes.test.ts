/**
 * The only way from the window into the rest of the app: who may use it, and what hostile input does to it. Every route
 * of the contract is called in the running app, through the preload, with thousands of inputs that follow from a seed.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorTable } from '../../src-main/contract/errors.ts';
import { routeSchemas } from '../../src-main/contract/routes.schema.ts';
import type { RouteName } from '../../src-main/contract/routes.ts';
import { Rng } from '../../src-main/util/rng.ts';
import { expect, test, type LaunchedApp, type Places } from './support/app.ts';
import { placesOfTexts, RouteInputs, routeNames, withAt } from './support/routeInputs.ts';
import { callRoute } from './support/routes.ts';

const seed = Number(process.env['SARA_ROUTES_SEED'] ?? 20_260_801);
const hostilePerRoute = Number(process.env['SARA_ROUTES_CASES'] ?? 60);
const secret = 'What nobody opened must not be seen';

interface Call {
  readonly route: string;
  readonly input: unknown;
}

interface Outcome {
  readonly code: string;
  readonly message: string;
  readonly text: string;
}

/** Makes the calls as the page does, and gives what each was answered with: `ok`, a code, or why the call did not leave the page. */
async function callAll({ window: page }: LaunchedApp, calls: readonly Call[]): Promise<Outcome[]> {
  return page.evaluate(async (list) => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    let deep: unknown = 1;
    for (let i = 0; i < 500; i++) deep = { deep };
    const pollution = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    ) as unknown;
    const made: Record<string, unknown> = {
      '§undefined': undefined,
      '§nan': NaN,
      '§infinity': Infinity,
      '§bigint': 2n ** 70n,
      '§date': new Date(NaN),
      '§regexp': /(a+)+$/,
      '§map': new Map([['a', new Set([1])]]),
      '§bytes': new Uint8Array(1000),
      '§proto': pollution,
      '§constructor': JSON.parse('{"constructor":{"prototype":{"polluted":true}}}') as unknown,
      '§circular': circular,
      '§deep': deep,
      '§long': 'a'.repeat(300_000),
      '§wide': Array.from({ length: 20_000 }, (_, i) => i),
    };
    const materialise = (value: unknown): unknown => {
      if (typeof value === 'string') return value.startsWith('§') && value in made ? made[value] : value;
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(materialise);
      const copy: Record<string, unknown> = {};
      for (const [name, part] of Object.entries(value)) {
        if (name === '§proto')
          Object.defineProperty(copy, '__proto__', { value: { polluted: true }, enumerable: true });
        else copy[name] = materialise(part);
      }
      return copy;
    };
    const outcomes: { code: string; message: string; text: string }[] = [];
    for (const { route, input } of list) {
      try {
        const answer = (await window.bridge?.invoke(route as never, materialise(input))) as {
          ok: boolean;
          error?: { code: string; message: string };
        };
        const text = JSON.stringify(answer);
        outcomes.push({
          code: answer.ok ? 'ok' : (answer.error?.code ?? 'no code'),
          message: answer.error?.message ?? '',
          text: text.includes('What nobody opened') ? text : '',
        });
      } catch (error) {
        outcomes.push({ code: 'not sent', message: String(error), text: '' });
      }
    }
    return outcomes;
  }, calls);
}

/** Files and folders beside those of the app, which nobody opened. */
function makeOutside({ home }: Places): { readonly folder: string; readonly paths: string[]; readonly file: string } {
  const folder = join(dirname(home), 'outside');
  mkdirSync(folder);
  const row = JSON.stringify({ prompt: secret, completion: secret });
  const names = [
    'data.jsonl',
    'model.gguf',
    'model.safetensors',
    'config.json',
    'run.json',
    'metrics.jsonl',
    'sweep.json',
  ];
  for (const name of names) writeFileSync(join(folder, name), `${row}\n`);
  // Doors inside what is granted that lead out of it.
  symlinkSync(folder, join(home, 'door'), 'junction');
  if (process.platform !== 'win32') symlinkSync(join(folder, 'data.jsonl'), join(home, 'door.jsonl'));
  const file = join(folder, 'data.jsonl');
  const paths = [
    folder,
    ...names.map((name) => join(folder, name)),
    join(home, '..', 'outside'),
    `${home}/../outside/data.jsonl`,
    `${home}/./x/../../outside/data.jsonl`,
    join(home, 'door'),
    `${home}/door/data.jsonl`,
    join(home, 'door.jsonl'),
    `${folder}/new/folder`,
    `${home}/door/new`,
    `/${folder}`,
    `${file}\0.jsonl`,
    `file://${file}`,
    '../outside/data.jsonl',
    '/etc/passwd',
    '/proc/self/environ',
    `${home}x`,
  ];
  return { folder, paths, file };
}

/** Names, sizes and times of all that is below a folder. */
function traceOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const { size, mtimeMs, atimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs} ${atimeMs}`;
    });
}

/** Sets times so that the next reading of a file would be seen, where this drive keeps them at all. */
function watchReadings(folder: string): void {
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), new Date(0), new Date());
}

function readingsAreSeen(folder: string): boolean {
  const probe = join(dirname(folder), 'probe.txt');
  writeFileSync(probe, 'x');
  utimesSync(probe, new Date(0), new Date());
  readFileSync(probe);
  return statSync(probe).atimeMs > 0;
}

/** Has the system's dialogs and programs do nothing, and remembers what they were asked. */
async function disarm({ electron }: LaunchedApp): Promise<void> {
  await electron.evaluate(({ dialog, shell }) => {
    dialog.showOpenDialog = async () => Promise.resolve({ canceled: true, filePaths: [] });
    shell.openExternal = async () => Promise.resolve();
    shell.openPath = async () => Promise.resolve('');
    shell.showItemInFolder = () => undefined;
    shell.trashItem = async () => Promise.reject(new Error('there is no trash'));
  });
}

/** What ends the app, or asks servers for hundreds of megabytes, is not sent where the app would do it. */
function mayBeSent({ route, input }: Call): boolean {
  const parsed = routeSchemas[route as RouteName].safeParse(input);
  if (!parsed.success) return true;
  if (route === 'window.close') return (parsed.data as { decision: string }).decision === 'stay';
  if (route === 'demo.report') return (parsed.data as { finished?: boolean; error?: string }).error === undefined;
  return !(
    route === 'jobs.start' && ['model.fetchSample', 'publish.run'].includes((parsed.data as { kind: string }).kind)
  );
}

/** Waits for what the calls have started, and gives it. */
async function endedJobs({ window }: LaunchedApp) {
  const active = ['queued', 'running', 'paused', 'stopping'];
  // What waits in the queue would start when the others have ended.
  await callRoute(window, 'queue.hold', { held: true });
  const list = await callRoute(window, 'jobs.list', {});
  for (const job of list.filter(({ state }) => active.includes(state))) {
    await callRoute(window, 'jobs.control', { jobId: job.id, action: 'cancel' });
  }
  await expect
    .poll(async () => (await callRoute(window, 'jobs.list', {})).filter(({ state }) => active.includes(state)), {
      timeout: 120_000,
    })
    .toEqual([]);
  return callRoute(window, 'jobs.list', {});
}

/** What must hold after any calls: nothing of the app fell, nothing is polluted, and the window still works. */
async function expectUnharmed(app: LaunchedApp, { state }: Places): Promise<void> {
  const polluted = await app.electron.evaluate(() => {
    const probe: Record<string, unknown> = {};
    return [probe['polluted'] ?? null, Object.keys(Object.prototype)];
  });
  expect(polluted).toEqual([null, []]);
  const log = readFileSync(join(state, 'logs', 'main.log'), 'utf8');
  expect(
    log
      .split('\n')
      .filter((line) => /Fault in the main|Unhandled rejection|crashed|is gone: (?!killed|clean)/.test(line)),
  ).toEqual([]);
  expect(await app.window.evaluate(() => ({}))).toEqual({});
  expect(await callRoute(app.window, 'settings.get', {})).toMatchObject({ version: 1 });
  await expect(app.window.getByRole('main')).toBeVisible();
}

function isCoded({ code }: Outcome): boolean {
  return code === 'ok' || (Object.hasOwn(errorTable, code) && code !== 'INTERNAL');
}

/** What the page itself refuses to send: values that cannot be copied between processes. */
function isUnsendable({ code, message }: Outcome): boolean {
  return code === 'not sent' && /cloned|conver|recursion|depth|Failed to serialize|circular/i.test(message);
}

test('every route answers hostile input with a code; nothing crashes and nothing is polluted', async ({
  app,
  places,
}) => {
  test.setTimeout(900_000);
  await disarm(app);
  const outside = makeOutside(places);
  const rng = new Rng(seed);
  const inside = [places.home, join(places.home, 'rows.jsonl'), join(places.home, 'nothing')];
  writeFileSync(join(places.home, 'rows.jsonl'), '{"prompt":"a","completion":"b"}\n');
  const choices = [...inside, ...outside.paths];
  const inputs = new RouteInputs(seed, () => choices[rng.integer(choices.length)] ?? '');
  const counts = { sent: 0, ok: 0, refused: 0, unsendable: 0 };
  for (const route of routeNames) {
    const calls = Array.from({ length: hostilePerRoute }, (_, i): Call => ({
      route,
      input: i % 4 === 0 ? inputs.valid(route) : inputs.hostile(route),
    })).filter(mayBeSent);
    const outcomes = await callAll(app, calls);
    for (const [i, outcome] of outcomes.entries()) {
      const told = `${route} ${JSON.stringify(calls[i]?.input).slice(0, 600)}: ${outcome.code} ${outcome.message.slice(0, 300)}`;
      expect.soft(isCoded(outcome) || isUnsendable(outcome), told).toBe(true);
      expect.soft(outcome.text, told).toBe('');
      counts.sent++;
      if (outcome.code === 'ok') counts.ok++;
      else if (isUnsendable(outcome)) counts.unsendable++;
      else counts.refused++;
    }
  }
  for (const job of await endedJobs(app))
    expect.soft(job.error?.code, `${job.kind}: ${job.error?.message}`).not.toBe('INTERNAL');
  await expectUnharmed(app, places);
  test.info().annotations.push({ type: 'calls', description: `seed ${seed}: ${JSON.stringify(counts)}` });
  process.stdout.write(`hostile calls, seed ${seed}: ${JSON.stringify(counts)}\n`);
  expect(counts.sent).toBeGreaterThan(routeNames.length * hostilePerRoute * 0.8);
});

test('no route reads or writes a path that nobody opened, whichever of its fields names it', async ({
  app,
  places,
}) => {
  test.setTimeout(900_000);
  await disarm(app);
  const outside = makeOutside(places);
  writeFileSync(join(places.home, 'rows.jsonl'), '{"prompt":"a","completion":"b"}\n');
  watchReadings(outside.folder);
  const seen = readingsAreSeen(outside.folder);
  const before = traceOf(outside.folder);
  const beside = readdirSync(dirname(places.home)).toSorted();
  const inputs = new RouteInputs(seed, (field) => join(places.home, field === 'out' ? 'new' : 'rows.jsonl'));
  let sent = 0;
  let forbidden = 0;
  for (const route of routeNames) {
    const calls: Call[] = [];
    // Several times, since a part that may be left out, or be one of several, is drawn.
    for (let round = 0; round < (route === 'jobs.start' ? 60 : 6); round++) {
      const input = inputs.valid(route);
      for (const place of placesOfTexts(input)) {
        const path = outside.paths[(round + calls.length) % outside.paths.length] ?? outside.file;
        calls.push({ route, input: withAt(input, place, path) });
      }
    }
    const sendable = calls.filter(mayBeSent);
    for (const [i, outcome] of (await callAll(app, sendable)).entries()) {
      const told = `${route} ${JSON.stringify(sendable[i]?.input).slice(0, 600)}: ${outcome.code} ${outcome.message.slice(0, 300)}`;
      expect.soft(isCoded(outcome), told).toBe(true);
      expect.soft(outcome.text, told).toBe('');
      sent++;
      if (outcome.code === 'FORBIDDEN') forbidden++;
    }
  }
  await endedJobs(app);
  expect(traceOf(outside.folder)).toEqual(before);
  expect(readdirSync(dirname(places.home)).toSorted()).toEqual(beside);
  await expectUnharmed(app, places);
  process.stdout.write(
    `foreign paths, seed ${seed}: ${sent} calls, ${forbidden} forbidden, readings ${seen ? '' : 'not '}seen\n`,
  );
  expect(forbidden).toBeGreaterThan(sent / 4);
});

test('only a file that the system gave opens a path: what a page makes does not, whatever it says of itself', async ({
  app,
}) => {
  const paths = await app.window.evaluate(async () => {
    const named = new File(['x'], '/etc/passwd');
    Object.defineProperty(named, 'path', { value: '/etc/passwd' });
    const posing = Object.create(File.prototype, { path: { value: '/etc/passwd' } }) as unknown;
    const forged: unknown[] = [named, posing, { path: '/etc/passwd', name: 'passwd' }, '/etc/passwd', null];
    const found: string[] = [];
    for (const file of forged) {
      found.push(await Promise.resolve(window.bridge?.pathOfDroppedFile(file as File)).then(String, () => ''));
    }
    return found;
  });
  expect(paths).toEqual(['', '', '', '', '']);
  await expect(callRoute(app.window, 'data.inspect', { path: '/etc/passwd' })).rejects.toThrow('FORBIDDEN');
});

test('a foreign page, a frame and an unknown route are refused, whatever they ask', async ({ app }) => {
  const answers = await app.electron.evaluate(async ({ app: own, BrowserWindow }) => {
    const preload = `${own.getAppPath()}/out/preload/preload.cjs`;
    // With the app's own preload in every frame: more than an attacker could reach.
    const webPreferences = { preload, sandbox: true, contextIsolation: true, nodeIntegrationInSubFrames: true };
    const ask = `(async (bridge) => bridge === undefined ? 'no bridge' : [
      await bridge.invoke('settings.get', {}),
      await bridge.invoke('hub.saveToken', { token: 'hf_stolenstolenstolen' }),
      await bridge.pathOfDroppedFile(new File(['x'], 'x')),
    ])`;
    const foreign = new BrowserWindow({ show: false, webPreferences });
    await foreign.loadURL('data:text/html,<iframe srcdoc="x"></iframe>');
    const page = (await foreign.webContents.executeJavaScript(`${ask}(window.bridge)`)) as unknown;
    const inFrame = await foreign.webContents.mainFrame.frames[0]?.executeJavaScript(`${ask}(window.bridge)`);
    foreign.destroy();
    const second = new BrowserWindow({ show: false, webPreferences });
    await second.loadURL('app://sara/');
    const top = (await second.webContents.executeJavaScript(`window.bridge.invoke('settings.get', {})`)) as unknown;
    second.destroy();
    return { page, inFrame, top };
  });
  const refused = [
    expect.objectContaining({ ok: false, error: expect.objectContaining({ code: 'FORBIDDEN' }) }),
    expect.objectContaining({ ok: false, error: expect.objectContaining({ code: 'FORBIDDEN' }) }),
    '',
  ];
  expect(answers.page).toEqual(refused);
  expect(answers.inFrame).toEqual(refused);
  expect(answers.top).toMatchObject({ ok: true });
  // In the app itself a frame does not even get the bridge.
  const inApp = await app.window.evaluate(() => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    return 'bridge' in (frame.contentWindow ?? {});
  });
  expect(inApp).toBe(false);
  for (const route of ['nothing.here', '__proto__', 'constructor', 'toString', '']) {
    const [outcome] = await callAll(app, [{ route, input: {} }]);
    expect(outcome?.code).toBe('FORBIDDEN');
  }
});
