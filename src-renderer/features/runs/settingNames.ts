import { t, type PlainKey } from '../../text/text.svelte.ts';
import { settingsTable } from '../train/settingsTable.ts';
import { methodSettings } from '../methods/methodSettings.ts';
import type { DifferenceRow } from './configDifference.ts';
import { isMethodId } from '../../state/methodChoices.ts';

const names = new Map<string, PlainKey>([
  ...settingsTable.map(({ key }) => [key, `train.set.${key}`] as const),
  ...Object.values(methodSettings).flatMap((list) =>
    list.map(({ key }) => [`method.${key}`, `method.set.${key}`] as const),
  ),
  ['betas', 'train.set.betas'],
  ['samplePrompts', 'train.set.samplePrompts'],
  ['model', 'runs.column.model'],
  ['targets', 'runs.setting.targets'],
  ['layers', 'runs.setting.layers'],
  ['method.name', 'runs.column.method'],
  ['method.threshold', 'runs.setting.threshold'],
  ['method.measure', 'runs.setting.measure'],
  ['method.granularity', 'runs.setting.granularity'],
  ['data.path', 'runs.setting.data'],
  ['data.validationPath', 'runs.setting.validationPath'],
  ['data.validationShare', 'data.validation.shareLabel'],
  ['data.template', 'data.template'],
  ['data.systemPrompt', 'data.system'],
  ['data.completionOnly', 'data.completionOnly'],
  ['data.maxRows', 'runs.setting.maxRows'],
  ['data.maxValidationRows', 'runs.setting.maxValidationRows'],
]);

/** The name of a setting as the window has it; its path in the file for one that the window does not show. */
export function settingName(key: string): string {
  const name = names.get(key);
  return name === undefined ? key : t(name);
}

/** A value of a setting in words. */
export function settingValue(key: string, value: DifferenceRow['values'][number]): string {
  if (value === undefined) return '—';
  if (typeof value === 'boolean') return value ? t('common.yes') : t('common.no');
  if (key === 'method.name' && typeof value === 'string' && isMethodId(value)) return t(`method.${value}`);
  return String(value);
}
