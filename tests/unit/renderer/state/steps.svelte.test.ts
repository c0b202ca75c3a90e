import { expect, test } from 'vitest';
import type { DatasetSummary } from '../../../../src-main/contract/data.ts';
import type { ModelSummary } from '../../../../src-main/contract/model.ts';
import { AppFailure } from '../../../../src-renderer/bridge/appFailure.ts';
import { stepsOf, type StepFacts } from '../../../../src-renderer/state/steps.ts';
import { dataset, smollm, troubledDataset } from '../../../renderer/fakeContents.ts';

const data = {
  path: '/d.jsonl',
  validationShare: 0.1,
  template: 'chat',
  completionOnly: true,
  skipBadRows: false,
} as const;
const asked = <T>(value?: T) => ({ value, failure: undefined });

function states(facts: Partial<StepFacts> & { project: StepFacts['project'] }): string {
  return stepsOf({ model: asked<ModelSummary>(), data: asked<DatasetSummary>(), training: false, ...facts })
    .map(({ state }) => state[0])
    .join('');
}

test('with nothing chosen only the model can be worked on', () => {
  expect(states({ project: {} })).toBe('rbbbb');
});

test('a model opens data and ranks; training waits for both', () => {
  expect(states({ project: { model: '/m' }, model: asked(smollm) })).toBe('drrbb');
});

test('a prepared sample is not done before it was looked at', () => {
  const project = { model: '/m', data, config: { method: { name: 'lora', rank: 8, alpha: 16, dropout: 0 } } } as const;
  const facts = { model: asked(smollm), data: asked(dataset) };
  expect(states({ ...facts, project })).toBe('drrrb');
  expect(states({ ...facts, project: { ...project, seen: ['data', 'ranks'] } })).toBe('dddrb');
});

test('a run opens merging once its training is over', () => {
  const facts = { model: asked(smollm), data: asked(dataset), project: { model: '/m', data, run: '/r' } };
  expect(states({ ...facts, training: true })).toBe('ddrrb');
  expect(states(facts)).toBe('ddrdr');
});

// Would catch: Home that sends back to the data of a run that is trained.
test('what a run was trained with is done, looked at or not', () => {
  const config = { method: { name: 'lora', rank: 8, alpha: 16, dropout: 0 } } as const;
  const facts = { model: asked(smollm), data: asked(dataset), project: { model: '/m', data, config, run: '/r' } };
  expect(states(facts)).toBe('ddddr');
});

/** The reason why training is blocked. */
function trainReason(facts: Partial<StepFacts> & { project: StepFacts['project'] }): string | undefined {
  const base = { model: asked(smollm), data: asked<DatasetSummary>(), training: false };
  return stepsOf({ ...base, ...facts }).find(({ id }) => id === 'train')?.reason;
}

// Would catch: a blocked step whose reason names the wrong thing, so that the person mends what is fine.
test('the reason names what is missing', () => {
  const failure = new AppFailure({ code: 'DATA_INVALID', message: 'x' });
  const project = { model: '/m', data };
  const mapped = { ...troubledDataset, layout: 'prompt' } as const;
  expect([
    trainReason({ project: {} }),
    trainReason({ project: { model: '/m' } }),
    trainReason({ project, model: asked({ ...smollm, trainable: false }) }),
    trainReason({ project, data: { value: undefined, failure } }),
    trainReason({ project, data: asked(troubledDataset) }),
    trainReason({ project, data: asked(mapped) }),
    trainReason({ project: { model: '/m', data: { ...data, skipBadRows: true } }, data: asked(mapped) }),
    trainReason({ project, data: asked({ ...dataset, rows: 0 }) }),
  ]).toEqual([
    'Choose a model first.',
    'Choose a data file first.',
    'This model can be analysed but not trained.',
    'The data file could not be read. Choose another.',
    'Say which columns hold the prompt and the answer.',
    '4 rows cannot be used. Mend them or choose to skip them.',
    '',
    'The data file has no rows that can be used.',
  ]);
});
