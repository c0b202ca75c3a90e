import { expect, test } from 'vitest';
import { keysOf, keysText } from '../../../../src-renderer/state/keys.ts';
import { enabledCommands } from '../../../../src-renderer/state/menuState.ts';

const ready = { id: 'train', state: 'ready', reason: '' } as const;
const facts = { view: 'project', step: ready, training: undefined, exportable: false } as const;

test('a training can be paused while it runs and gone on with while it is paused', () => {
  expect(enabledCommands({ ...facts, training: { state: 'running' } })).toEqual([
    'primary',
    'pause',
    'checkpoint',
    'stop',
  ]);
  expect(enabledCommands({ ...facts, training: { state: 'paused' } })).toContain('continue');
  expect(enabledCommands({ ...facts, training: { state: 'queued' } })).toEqual(['primary']);
});

test('the main action is there where the view has one', () => {
  expect(enabledCommands({ ...facts, exportable: true })).toEqual(['export-settings', 'primary']);
  expect(enabledCommands({ ...facts, view: 'home' })).toEqual([]);
  expect(enabledCommands({ ...facts, step: { ...ready, state: 'blocked' } })).toEqual([]);
});

test('keys are written as on the keyboard of the system', () => {
  expect(keysText('CmdOrCtrl+Shift+O', false)).toBe('Ctrl ⇧ O');
  expect(keysText('CmdOrCtrl+Plus', true)).toBe('⌘ +');
  expect(keysOf('about')).toBe('');
});
