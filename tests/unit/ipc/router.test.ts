import { describe, expect, it } from 'vitest';
import type { routeSchemas } from '../../../src-main/contract/routes.schema.ts';
import { createRouter, type Handlers, type Sender } from '../../../src-main/ipc/router.ts';
import { AppError } from '../../../src-main/util/appError.ts';

const page: Sender = { url: 'app://sara/', isTopFrame: true };

/** A router over handlers of which only those given do anything. */
function routerWith(given: Partial<Handlers>, granted: readonly string[] = []) {
  const errors: string[] = [];
  const calls: string[] = [];
  const handlers = new Proxy(given as Handlers, {
    get(target, name) {
      calls.push(String(name));
      return Reflect.get(target, name) as unknown;
    },
  });
  const router = createRouter({
    origin: 'app://sara',
    handlers,
    assertGranted: async (path) => {
      if (!granted.includes(path)) throw new AppError('FORBIDDEN', `${path} was not opened.`);
      return Promise.resolve();
    },
    logError: (message) => void errors.push(message),
  });
  return { router, errors, calls };
}
const settingsGet = { 'settings.get': () => ({ theme: 'dark' }) as never };

describe('the router', () => {
  it('answers its own page with the value of the handler', async () => {
    const { router } = routerWith(settingsGet);
    await expect(router(page, 'settings.get', {})).resolves.toEqual({ ok: true, data: { theme: 'dark' } });
  });

  it.each([
    ['another site', { url: 'https://example.com/', isTopFrame: true }],
    ['a site whose name begins like the app', { url: 'app://sara.example.com/', isTopFrame: true }],
    ['a file', { url: 'file:///etc/index.html', isTopFrame: true }],
    ['a frame inside the page', { url: 'app://sara/', isTopFrame: false }],
    ['a frame that is gone', { url: '', isTopFrame: false }],
  ])('refuses %s before anything else', async (_name, sender) => {
    const { router, calls, errors } = routerWith(settingsGet);
    await expect(router(sender, 'settings.get', {})).resolves.toMatchObject({
      ok: false,
      error: { code: 'FORBIDDEN' },
    });
    expect(calls).toEqual([]);
    expect(errors).toHaveLength(1);
  });

  it.each(['nothing.here', 'constructor', '__proto__', 7, null, undefined])('refuses the route %s', async (route) => {
    const { router, calls } = routerWith({});
    await expect(router(page, route, {})).resolves.toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
    expect(calls).toEqual([]);
  });

  it('names the field of an input that breaks the schema and does not call the handler', async () => {
    const { router, calls } = routerWith({});
    const answer = await router(page, 'jobs.control', { jobId: 'x', action: 'explode' });
    expect(answer).toMatchObject({
      ok: false,
      error: { code: 'SETTINGS_INVALID', message: expect.stringContaining('action:') },
    });
    expect(calls).toEqual([]);
  });

  it('hands over the parsed input: defaults filled in, unknown fields dropped', async () => {
    let seen: unknown;
    const { router } = routerWith({
      'jobs.snapshot': (input) => {
        seen = input;
        return {} as never;
      },
    });
    await router(page, 'jobs.snapshot', { jobId: 'x', more: 1 });
    expect(seen).toEqual({ jobId: 'x', afterSeq: 0 });
  });

  it('keeps code and details of an AppError, and hides nothing but the stack of any other', async () => {
    const { router, errors } = routerWith({
      'settings.get': () => {
        throw new AppError('DATA_INVALID', 'Row 3 is empty.', { details: [3] });
      },
      'jobs.list': () => {
        throw new TypeError('x is undefined');
      },
    });
    await expect(router(page, 'settings.get', {})).resolves.toEqual({
      ok: false,
      error: { code: 'DATA_INVALID', message: 'Row 3 is empty.', details: [3] },
    });
    await expect(router(page, 'jobs.list', {})).resolves.toEqual({
      ok: false,
      error: { code: 'INTERNAL', message: 'x is undefined' },
    });
    expect(errors).toEqual([expect.stringContaining('router.test.ts')]);
  });

  it('passes a path only when the window was given it', async () => {
    const { router } = routerWith({ 'model.inspect': () => ({ name: 'm' }) as never }, ['/models/a']);
    await expect(router(page, 'model.inspect', { model: '/models/a' })).resolves.toMatchObject({ ok: true });
    await expect(router(page, 'model.inspect', { model: '/etc' })).resolves.toMatchObject({
      ok: false,
      error: { code: 'FORBIDDEN' },
    });
  });

  const data = { path: '/d', validationPath: '/v' };
  const config = { model: '/m', data, method: { name: 'sara' } };
  const withPaths: [keyof typeof routeSchemas, unknown, string[]][] = [
    ['workspace.deleteRun', { run: '/r' }, ['/r']],
    ['project.save', { model: '/m', data, config, run: '/r', exportedTo: '/o' }, ['/m', '/d', '/v', '/r', '/o']],
    ['shell.openFolder', { path: '/p' }, ['/p']],
    ['model.inspect', { model: '/m' }, ['/m']],
    ['data.inspect', { path: '/d' }, ['/d']],
    ['data.preview', { model: '/m', data, sequenceLength: 8 }, ['/m', '/d', '/v']],
    ['model.inspectFile', { path: '/f' }, ['/f']],
    ['export.choices', { run: '/r' }, ['/r']],
    ['data.lengths', { model: '/m', data, sequenceLength: 8 }, ['/m', '/d', '/v']],
    ['train.estimate', config, ['/m', '/d', '/v']],
    ['train.fit', { config }, ['/m', '/d', '/v']],
    ['run.open', { run: '/r' }, ['/r']],
    ['jobs.start', { kind: 'analysis.run', input: { model: '/m' } }, ['/m']],
    ['jobs.start', { kind: 'train.run', input: { config } }, ['/m', '/d', '/v']],
    ['jobs.start', { kind: 'train.resume', input: { run: '/r' } }, ['/r']],
    ['jobs.start', { kind: 'evaluate.run', input: { model: '/m', data } }, ['/m', '/d', '/v']],
    ['jobs.start', { kind: 'generate.run', input: { model: '/m' } }, ['/m']],
    ['jobs.start', { kind: 'export.run', input: { run: '/r', out: '/o' } }, ['/r', '/o']],
  ];
  it.each(withPaths)('%s %o names no path that escapes the check', async (route, input, paths) => {
    const handlers = { [route]: () => ({}) };
    await expect(routerWith(handlers, paths).router(page, route, input)).resolves.toMatchObject({ ok: true });
    for (const missing of paths) {
      const others = paths.filter((path) => path !== missing);
      await expect(routerWith(handlers, others).router(page, route, input)).resolves.toMatchObject({
        ok: false,
        error: { code: 'FORBIDDEN', message: expect.stringContaining(missing) },
      });
    }
  });
});
