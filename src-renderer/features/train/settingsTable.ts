/** The settings of a run: which there are, in which group, within which bounds, and which a simple view shows. */
import type { TrainSettings } from '../../state/trainDefaults.ts';

export const settingGroups = ['length', 'batches', 'rate', 'regular', 'watch'] as const;
export type SettingGroup = (typeof settingGroups)[number];

type KeysOf<T> = {
  [K in keyof TrainSettings]-?: NonNullable<TrainSettings[K]> extends T ? K : never;
}[keyof TrainSettings];

interface Common<Key> {
  readonly key: Key;
  readonly group: SettingGroup;
  /** Shown in the simple view too. */
  readonly simple?: boolean;
}
export interface NumberSetting extends Common<KeysOf<number>> {
  readonly kind: 'number';
  readonly min: number;
  readonly max?: number;
  readonly integer?: boolean;
  readonly optional?: boolean;
}
export interface SwitchSetting extends Common<KeysOf<boolean>> {
  readonly kind: 'switch';
}
interface ChoiceOf<Key extends 'schedule' | 'weights' | 'products'> extends Common<Key> {
  readonly kind: 'choice';
  readonly choices: readonly TrainSettings[Key][];
}
export type ChoiceSetting = ChoiceOf<'schedule'> | ChoiceOf<'weights'> | ChoiceOf<'products'>;
export type Setting = NumberSetting | SwitchSetting | ChoiceSetting;

export const settingsTable = [
  { key: 'steps', group: 'length', kind: 'number', min: 1, integer: true, optional: true, simple: true },
  { key: 'epochs', group: 'length', kind: 'number', min: 0.01 },
  { key: 'batchSize', group: 'batches', kind: 'number', min: 1, integer: true, simple: true },
  { key: 'accumulation', group: 'batches', kind: 'number', min: 1, integer: true },
  { key: 'sequenceLength', group: 'batches', kind: 'number', min: 8, integer: true, simple: true },
  { key: 'packing', group: 'batches', kind: 'switch' },
  { key: 'lengthBuckets', group: 'batches', kind: 'switch' },
  { key: 'activationCheckpointing', group: 'batches', kind: 'switch' },
  { key: 'weights', group: 'batches', kind: 'choice', choices: ['auto', 'float32', 'stored', 'q8'] },
  { key: 'products', group: 'batches', kind: 'choice', choices: ['float32', 'bfloat16'] },
  { key: 'learningRate', group: 'rate', kind: 'number', min: 1e-9, simple: true },
  { key: 'schedule', group: 'rate', kind: 'choice', choices: ['constant', 'linear', 'cosine'] },
  { key: 'warmupSteps', group: 'rate', kind: 'number', min: 0, integer: true },
  { key: 'weightDecay', group: 'regular', kind: 'number', min: 0 },
  { key: 'clipNorm', group: 'regular', kind: 'number', min: 0 },
  { key: 'epsilon', group: 'regular', kind: 'number', min: 1e-12 },
  { key: 'seed', group: 'regular', kind: 'number', min: 0, integer: true },
  { key: 'evaluateEvery', group: 'watch', kind: 'number', min: 0, integer: true, simple: true },
  { key: 'patience', group: 'watch', kind: 'number', min: 0, integer: true },
  { key: 'saveEvery', group: 'watch', kind: 'number', min: 0, integer: true },
  { key: 'keepCheckpoints', group: 'watch', kind: 'number', min: 1, integer: true },
] as const satisfies readonly Setting[];
