import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { operationLanes, type OperationName } from '../../../src-main/contract/engine.ts';
import { dataConfigSchema, trainConfigSchema } from '../../../src-main/contract/requests.schema.ts';
import { createOperations } from '../../../src-main/engine/createOperations.ts';
import { createServices } from '../../../src-main/engine/services.ts';
import { EngineHost } from '../../../src-main/host/engineHost.ts';
import { startMemoryEngine } from '../../support/memoryEngine.ts';

const resources = path.join(import.meta.dirname, '..', '..', '..', 'resources');
const model = path.join(resources, 'samples', 'stories260K');
const data = dataConfigSchema.parse({ path: path.join(resources, 'samples', 'e2e', 'train.jsonl'), template: 'plain' });

function startHost(): EngineHost {
  const operations = createOperations(createServices(resources));
  return new EngineHost({ spawn: () => startMemoryEngine(operations), log: () => undefined });
}

const config = trainConfigSchema.parse({ model, data, method: { name: 'sara' }, steps: 4 });

/** The light operations with inputs that make them do their whole work; what uses the network has tests of its own. */
const inputs = {
  'model.inspect': { model },
  'model.inspectFile': { path: path.join(model, 'model.safetensors') },
  'data.inspect': { path: data.path },
  'data.preview': { model, data, sequenceLength: 64, from: 0, count: 3 },
  'data.lengths': { model, data, sequenceLength: 64 },
  'data.search': { path: data.path, text: 'pub' },
  'data.place': { path: data.path, row: 3 },
  'data.check': { model, data, sequenceLength: 64, seed: 0 },
  'train.estimate': config,
  'train.fit': { config, budget: 1e8 },
  'export.choices': { run: model, checkpoint: 'best' },
  'models.find': {},
  'study.list': { store: path.join(resources, 'no-studies') },
  'sweep.list': { store: path.join(resources, 'no-sweeps') },
} as const;

/** Those that open what a compute operation leaves, with a place where there is none. */
const absent = path.join(resources, 'absent.json');
const openers = {
  'study.open': { path: absent, code: 'FILE_NOT_FOUND' },
  'export.report': { path: absent, code: 'FILE_NOT_FOUND' },
  'sweep.open': { folder: absent, code: 'FILE_NOT_FOUND' },
  'data.heldOut': { run: absent, code: 'RUN_INVALID' },
} as const;

const overNetwork = [
  'model.fetchSample',
  'publish.run',
  'sweep.runOn',
  'train.runOn',
  'trial.pull',
  'target.test',
  'target.jobs',
  'target.stop',
];

describe('the light operations', () => {
  it('are all tried here', () => {
    const light = Object.entries(operationLanes).filter(([, lane]) => lane === 'light');
    expect(light.map(([name]) => name).toSorted()).toEqual(
      [...Object.keys(inputs), ...Object.keys(openers), ...overNetwork].toSorted(),
    );
  });

  // Loading TensorFlow would double the app's memory and make the first answer a second late.
  it.skipIf(!existsSync('/proc/self/maps'))('answer without ever loading TensorFlow', async () => {
    const host = startHost();
    for (const [name, input] of Object.entries(inputs) as [OperationName, never][]) {
      await expect(host.run(name, input).result, name).resolves.toBeDefined();
    }
    for (const [name, { code, ...input }] of Object.entries(openers)) {
      await expect(host.run(name as OperationName, input as never).result, name).rejects.toMatchObject({ code });
    }
    expect(readFileSync('/proc/self/maps', 'utf8')).not.toContain('libtensorflow');
    await host.close();
  });

  it('bring an operation’s own error over the border with its code and sentence', async () => {
    const host = startHost();
    const corrupt = path.join(import.meta.dirname, '..', '..', 'golden', 'fixtures', 'corrupt', 'models');
    const { result } = host.run('model.inspect', { model: path.join(corrupt, 'config-not-json') });
    await expect(result).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('config.json'),
    });
    await host.close();
  });
});
