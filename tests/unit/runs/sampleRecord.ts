import { trainConfigSchema } from '../../../src-main/contract/requests.schema.ts';
import type { RunRecord } from '../../../src-main/contract/training.ts';

/** A sound record to vary in tests. */
export function sampleRecord(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    version: 1,
    id: 'run-1',
    name: 'stories260K, SARA',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    appVersion: '0.1.0',
    state: 'created',
    config: trainConfigSchema.parse({ model: '/m', data: { path: '/d.jsonl' }, method: { name: 'sara' } }),
    model: { path: '/m', name: 'm', family: 'llama', hash: 'abc' },
    ranks: [
      { name: 'model.layers.0.self_attn.q_proj', layer: 0, module: 'q_proj', shape: [64, 64], rank: 2, trainable: 258 },
    ],
    trainable: 258,
    totalSteps: 12,
    step: 0,
    best: null,
    last: null,
    baseLoss: null,
    ...changes,
  };
}
