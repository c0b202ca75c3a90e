import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Operations } from '../../../src-main/contract/engine.ts';
import {
  evaluateRequestSchema,
  generateRequestSchema,
  trainConfigSchema,
} from '../../../src-main/contract/requests.schema.ts';
import { createOperations } from '../../../src-main/engine/createOperations.ts';
import { createServices, type EngineServices } from '../../../src-main/engine/services.ts';
import { cancelled } from '../../../src-main/util/appError.ts';
import { temporaryCache } from '../../support/temporaryCache.ts';

temporaryCache();
const resources = path.join(import.meta.dirname, '..', '..', '..', 'resources');
const model = path.join(resources, 'samples', 'stories260K');
const data = { path: path.join(resources, 'samples', 'e2e', 'train.jsonl'), template: 'plain' };
const folder = mkdtempSync(path.join(os.tmpdir(), 'sara-preparing-'));
afterAll(() => rmSync(folder, { recursive: true }));

const config = trainConfigSchema.parse({ model, data, method: { name: 'lora' }, steps: 1, evaluateEvery: 0 });
const calls = {
  'train.run': (operations, context) => operations['train.run']({ config, out: path.join(folder, 'run') }, context),
  'generate.run': (operations, context) =>
    operations['generate.run'](generateRequestSchema.parse({ model, prompt: 'Once', maxNewTokens: 1 }), context),
  'evaluate.run': (operations, context) =>
    operations['evaluate.run'](evaluateRequestSchema.parse({ model, data, metrics: [] }), context),
  'analysis.run': (operations, context) => operations['analysis.run']({ model, targets: 'all' }, context),
} satisfies Record<string, (operations: Operations, context: Context) => Promise<unknown>>;

interface Context {
  readonly signal: AbortSignal;
  emit(event: object): void;
  takeControls(): [];
}

/** The events of an operation whose GPU is prepared as `prepareGpu` says. */
async function eventsOf(
  name: keyof typeof calls,
  prepareGpu?: EngineServices['prepareGpu'],
): Promise<{ readonly events: readonly object[]; readonly error: unknown }> {
  const services = createServices(resources);
  const events: object[] = [];
  const context: Context = {
    signal: new AbortController().signal,
    emit: (event) => events.push(event),
    takeControls: () => [],
  };
  const operations = createOperations(prepareGpu === undefined ? services : { ...services, prepareGpu });
  let error: unknown;
  try {
    await calls[name](operations, context);
  } catch (thrown) {
    error = thrown;
  }
  await services.loaded.release();
  return { events, error };
}

describe.each(Object.keys(calls) as (keyof typeof calls)[])('%s', (name) => {
  const told =
    name === 'train.run'
      ? { event: 'phase', phase: 'preparing', fraction: 11 / 40, op: 12, total: 40 }
      : { phase: 'Preparing the GPU', done: 12, total: 40 };

  it('tells of the preparation of a GPU before anything else, and goes no further when that is cancelled', async () => {
    const { events, error } = await eventsOf(name, (_signal, onProgress) => {
      onProgress(12, 40);
      return Promise.reject(cancelled());
    });
    expect(events).toEqual([told]);
    expect(error).toMatchObject({ code: 'CANCELLED' });
  });

  it('does its work after it, and tells of none on a CPU', async () => {
    const { events, error } = await eventsOf(name);
    expect(error).toBeUndefined();
    expect(events.length).toBeGreaterThan(0);
    const phases = events.flatMap((event) => ('phase' in event ? [event.phase] : []));
    expect(phases).not.toContain(told.phase);
  });
});
