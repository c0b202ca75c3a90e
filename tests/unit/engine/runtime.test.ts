import { describe, expect, it } from 'vitest';
import type { Operations } from '../../../src-main/contract/engine.ts';
import { serveEngine } from '../../../src-main/engine/runtime.ts';
import { isEngineFrame, protocolVersion, type EngineFrame } from '../../../src-main/host/protocol.ts';
import { AppError, throwIfCancelled } from '../../../src-main/util/appError.ts';
import { operationsWith } from '../../support/memoryEngine.ts';

/** The runtime with its port in the test's hands. */
function serve(given: Partial<Operations>) {
  const frames: EngineFrame[] = [];
  const exits: number[] = [];
  let receive: (frame: unknown) => void = () => undefined;
  const server = serveEngine(
    {
      post: (frame) => void frames.push(structuredClone(frame)),
      onFrame: (listener) => (receive = listener),
    },
    operationsWith(given),
    { exit: (code) => void exits.push(code), heartbeatMilliseconds: 2 ** 30 },
  );
  return { frames, exits, server, send: (frame: unknown) => receive(frame) };
}

const inspect = { type: 'request', id: 1, operation: 'model.inspect', input: { model: '/m' } };
const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for the promise callbacks and macrotasks that an answer needs. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await nextTurn();
}

describe('serveEngine', () => {
  it('answers hello with its version', () => {
    const { frames, send } = serve({});
    send({ type: 'hello', version: protocolVersion });
    expect(frames).toEqual([{ type: 'ready', version: protocolVersion }]);
  });

  it('sends events numbered from 1 and then one result', async () => {
    const { frames, send } = serve({
      'export.run': async (_input, { emit }) => {
        emit({ phase: 'merging', done: 1, total: 2 });
        emit({ phase: 'merging', done: 2, total: 2 });
        await nextTurn();
        return {} as never;
      },
    });
    send({ type: 'request', id: 4, operation: 'export.run', input: { run: '/r', out: '/o' } });
    await settle();
    expect(frames).toEqual([
      { type: 'event', id: 4, seq: 1, event: { phase: 'merging', done: 1, total: 2 } },
      { type: 'event', id: 4, seq: 2, event: { phase: 'merging', done: 2, total: 2 } },
      { type: 'result', id: 4, output: {} },
    ]);
    expect(frames.every(isEngineFrame)).toBe(true);
  });

  it('refuses input that breaks the schema and names the field, without calling the operation', async () => {
    let called = false;
    const { frames, send } = serve({
      'model.inspect': async () => {
        called = true;
        return Promise.resolve({} as never);
      },
    });
    send({ ...inspect, input: { model: 7 } });
    await settle();
    expect(called).toBe(false);
    expect(frames).toMatchObject([
      { type: 'error', id: 1, error: { code: 'SETTINGS_INVALID', message: expect.stringContaining('model:') } },
    ]);
  });

  it('refuses an operation it does not have, also one named like a member of every object', async () => {
    const { frames, send } = serve({});
    send({ ...inspect, operation: 'constructor' });
    await settle();
    expect(frames).toMatchObject([{ type: 'error', id: 1, error: { code: 'USAGE' } }]);
  });

  it('keeps the code and details of an AppError and turns anything else into INTERNAL with the stack in the log', async () => {
    const { frames, send } = serve({
      'model.inspect': async () =>
        Promise.reject(new AppError('CONFIG_INVALID', 'config.json is not JSON.', { details: { line: 3 } })),
      'data.inspect': async () => Promise.reject(new TypeError('x is not a function')),
    });
    send(inspect);
    send({ type: 'request', id: 2, operation: 'data.inspect', input: { path: '/d' } });
    await settle();
    expect(frames).toEqual([
      {
        type: 'error',
        id: 1,
        error: { code: 'CONFIG_INVALID', message: 'config.json is not JSON.', details: { line: 3 } },
      },
      { type: 'log', level: 'error', message: expect.stringContaining('runtime.test.ts') },
      { type: 'error', id: 2, error: { code: 'INTERNAL', message: 'x is not a function' } },
    ]);
  });

  it('aborts the signal of the cancelled request alone', async () => {
    const { frames, send } = serve({
      'model.inspect': async (_input, { signal }) => {
        await settle();
        throwIfCancelled(signal);
        return {} as never;
      },
    });
    send(inspect);
    send({ ...inspect, id: 2 });
    send({ type: 'cancel', id: 1 });
    await settle();
    await settle();
    expect(frames).toMatchObject([
      { type: 'error', id: 1, error: { code: 'CANCELLED' } },
      { type: 'result', id: 2 },
    ]);
  });

  it('calls an AbortError of a library CANCELLED when the request was cancelled', async () => {
    const { frames, send } = serve({
      'model.inspect': async (_input, { signal }) => {
        await nextTurn();
        signal.throwIfAborted();
        return {} as never;
      },
    });
    send(inspect);
    send({ type: 'cancel', id: 1 });
    await settle();
    expect(frames).toMatchObject([{ type: 'error', id: 1, error: { code: 'CANCELLED' } }]);
  });

  it('hands control actions to the operation in the order they came', async () => {
    const seen: string[] = [];
    const { send } = serve({
      'train.resume': async (_input, { takeControls }) => {
        await nextTurn();
        seen.push(...takeControls());
        seen.push(...takeControls());
        return {} as never;
      },
    });
    send({ type: 'request', id: 1, operation: 'train.resume', input: { run: '/r' } });
    send({ type: 'control', id: 1, action: 'pause' });
    send({ type: 'control', id: 1, action: 'continue' });
    await settle();
    expect(seen).toEqual(['pause', 'continue']);
  });

  it('answers a repeated request id once', async () => {
    const { frames, send } = serve({ 'model.inspect': async () => Promise.resolve({} as never) });
    send(inspect);
    send(inspect);
    await settle();
    expect(frames.filter((frame) => frame.type === 'result' || frame.type === 'error')).toHaveLength(1);
  });

  it('ignores frames it does not understand and goes on', async () => {
    const { frames, send } = serve({ 'model.inspect': async () => Promise.resolve({} as never) });
    for (const bad of [null, 3, {}, { type: 'request' }, { type: 'cancel', id: -1 }, { type: 'control', id: 1 }]) {
      send(bad);
    }
    send(inspect);
    await settle();
    expect(frames.filter((frame) => frame.type === 'log')).toHaveLength(6);
    expect(frames.at(-1)).toMatchObject({ type: 'result', id: 1 });
  });

  it('answers INTERNAL when a result cannot cross the border', async () => {
    const { frames, send } = serve({
      'model.inspect': async () => Promise.resolve({ run: () => undefined } as never),
    });
    send(inspect);
    await settle();
    expect(frames.at(-1)).toMatchObject({ type: 'error', id: 1, error: { code: 'INTERNAL' } });
  });

  it('answers every open request once when a fault outside any request ends it', async () => {
    let finish: () => void = () => undefined;
    const { frames, exits, send, server } = serve({
      'model.inspect': async () => new Promise((resolve) => (finish = () => resolve({} as never))),
    });
    send(inspect);
    await settle();
    server.fatal(new Error('thrown in a timer'));
    finish();
    await settle();
    expect(frames.filter((frame) => frame.type === 'result' || frame.type === 'error')).toEqual([
      { type: 'error', id: 1, error: { code: 'INTERNAL', message: 'thrown in a timer' } },
    ]);
    expect(exits).toEqual([1]);
  });

  it('on shutdown lets open requests end before the process leaves', async () => {
    const { frames, exits, send } = serve({
      'model.inspect': async (_input, { signal }) => {
        while (!signal.aborted) await nextTurn();
        throwIfCancelled(signal);
        return {} as never;
      },
    });
    send(inspect);
    await settle();
    send({ type: 'shutdown' });
    expect(exits).toEqual([]);
    await settle();
    expect(frames).toMatchObject([{ type: 'error', id: 1, error: { code: 'CANCELLED' } }]);
    expect(exits).toEqual([0]);
  });
});
