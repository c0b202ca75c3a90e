import { expect, test } from 'vitest';
import type { Estimate } from '../../../../src-main/contract/training.ts';
import { ConsequenceState, differences } from '../../../../src-renderer/state/consequence.svelte.ts';
import type { EstimateState } from '../../../../src-renderer/state/estimate.svelte.ts';

const estimate: Estimate = {
  memory: {
    ...{ weights: 1, adapters: 1, optimizer: 1, activations: 1, runtime: 1, total: 1000 },
    peaks: { training: 1000, evaluation: 1, saving: 1 },
  },
  disk: { checkpoint: 1, checkpoints: 1, shared: 1, records: 1, total: 4 },
  fitsDisk: true,
  availableMemory: 1e6,
  fits: true,
  trainable: 200,
  parameters: 1000,
  adapterBytes: 800,
  equalBudgetLoraRank: 2,
  steps: 10,
  tokens: 500,
  flops: 1e6,
  seconds: 60,
};
const total = (bytes: number): Estimate => ({ ...estimate, memory: { ...estimate.memory, total: bytes } });

test('only what changed is named; tokens stand for a time that is not known', () => {
  expect(differences(estimate, estimate)).toEqual([]);
  expect(differences(estimate, total(2000))).toEqual([{ what: 'memory', from: 1000, to: 2000 }]);
  // The measured speed wavers by itself.
  expect(differences(estimate, { ...estimate, seconds: 60.2 })).toEqual([]);
  const { seconds: _seconds, ...untimed } = estimate;
  expect(differences(untimed, { ...untimed, tokens: 900 })).toEqual([{ what: 'tokens', from: 500, to: 900 }]);
});

/** What the state reads of an estimate, to be set by hand. */
function settings(steps: number, value: Estimate, model = 'm') {
  return {
    config: { model, data: { path: 'd' }, method: { name: 'sara' as const }, steps },
    answer: { value },
    upToDate: true,
  };
}

test('a number that is typed digit by digit is one change; a later one begins anew', () => {
  let now = 0;
  const source = settings(1, total(1000));
  const state = new ConsequenceState(source as unknown as EstimateState, () => now);
  const change = (steps: number, bytes: number, model?: string): void => {
    Object.assign(source, settings(steps, total(bytes), model));
    state.follow();
  };
  state.follow();
  expect(state.changes).toBeUndefined();
  now = 10_000;
  // The settings change before their estimate is there: the old one is not that of the new settings.
  Object.assign(source, { ...settings(12, total(1000)), upToDate: false });
  state.follow();
  expect(state.changes).toBeUndefined();
  change(12, 1500);
  now = 10_500;
  change(128, 3000);
  expect(state.changes).toEqual([{ what: 'memory', from: 1000, to: 3000 }]);
  now = 20_000;
  change(5, 2000);
  expect(state.changes).toEqual([{ what: 'memory', from: 3000, to: 2000 }]);
  change(5, 9000, 'another');
  expect(state.changes).toBeUndefined();
});
