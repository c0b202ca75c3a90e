import { expect, test } from 'vitest';
import type { Bridge } from '../../../../src-main/contract/routes.ts';
import { AppFailure, toFailure } from '../../../../src-renderer/bridge/appFailure.ts';
import { createClient } from '../../../../src-renderer/bridge/client.ts';

function answering(answer: unknown): Bridge & { readonly inputs: unknown[] } {
  const inputs: unknown[] = [];
  return {
    inputs,
    invoke: async (_route, input) => {
      inputs.push(input);
      return Promise.resolve(answer);
    },
    subscribe: () => () => undefined,
    pathOfDroppedFile: async () => Promise.resolve(''),
  };
}

test('an answer is unwrapped', async () => {
  const client = createClient(answering({ ok: true, data: { opened: true } }));
  expect(await client.call('shell.showLogs', {})).toEqual({ opened: true });
});

test('an error comes back with its code, its sentence and its facts', async () => {
  const error = { code: 'DATA_INVALID', message: 'Row 14 is empty.', details: { rows: [14] } };
  const failure = await createClient(answering({ ok: false, error }))
    .call('data.inspect', { path: '/x' })
    .catch(toFailure);
  expect(failure).toBeInstanceOf(AppFailure);
  expect(failure).toMatchObject(error);
});

// Would catch: an answer of unknown form taken for a value, or an error with a code that the table lacks.
test('an answer of another form is a fault of the app, not a value', async () => {
  for (const answer of [undefined, null, 'text', { data: 1 }, { ok: false, error: { code: 'NOPE', message: 'x' } }]) {
    await expect(createClient(answering(answer)).call('app.info', {})).rejects.toMatchObject({ code: 'INTERNAL' });
  }
});

// Would catch: "could not be cloned" when a view passes reactive state to a route.
test('what is sent can be cloned into another process, whatever proxy it came in', async () => {
  const bridge = answering({ ok: true, data: { saved: true } });
  const seen = new Proxy(['model'], {});
  await createClient(bridge).call('project.save', new Proxy({ name: 'a', seen: seen as ['model'] }, {}));
  expect(structuredClone(bridge.inputs[0])).toEqual({ name: 'a', seen: ['model'] });
});

test('every code of the table has something to do about it', () => {
  expect(new AppFailure({ code: 'DISK_FULL', message: 'x' }).remedy).toMatch(/space/i);
  expect(toFailure('text')).toMatchObject({ code: 'INTERNAL', message: 'text' });
});
