/** What differs between the settings of runs, in groups. Pure. */
import type { TrainConfig } from '../../../src-main/contract/requests.schema.ts';
import { choiceOf } from '../../state/methodChoices.ts';
import { settingGroups, settingsTable, type SettingGroup } from '../train/settingsTable.ts';

export const differenceGroups = ['model', 'data', 'method', ...settingGroups, 'other'] as const;
export type DifferenceGroup = (typeof differenceGroups)[number];

export interface DifferenceRow {
  /** Path of the setting: `learningRate`, `method.rank`, `data.template`. */
  readonly key: string;
  /** One for each run; undefined where the run has no such setting. */
  readonly values: readonly (string | number | boolean | undefined)[];
}

export interface DifferencePart {
  readonly group: DifferenceGroup;
  readonly rows: readonly DifferenceRow[];
}

type Value = DifferenceRow['values'][number];

const groupOfSetting = new Map<string, SettingGroup>(settingsTable.map(({ key, group }) => [key, group]));
groupOfSetting.set('betas', 'regular');

/** Settings in which the runs are not all alike; groups without any are left out. */
export function configDifference(configs: readonly TrainConfig[]): readonly DifferencePart[] {
  const flat = configs.map(flattened);
  const keys = [...new Set(flat.flatMap((values) => [...values.keys()]))];
  const rows = keys
    .map((key): DifferenceRow => ({ key, values: flat.map((values) => values.get(key)) }))
    .filter(({ values }) => new Set(values).size > 1);
  return differenceGroups
    .map((group) => ({ group, rows: rows.filter(({ key }) => groupOf(key) === group) }))
    .filter((part) => part.rows.length > 0);
}

function groupOf(key: string): DifferenceGroup {
  if (key === 'model' || key === 'targets' || key === 'layers') return 'model';
  if (key.startsWith('data.')) return 'data';
  if (key.startsWith('method.')) return 'method';
  return groupOfSetting.get(key) ?? 'other';
}

function flattened(config: TrainConfig): Map<string, Value> {
  const values = new Map<string, Value>();
  const take = (prefix: string, object: object): void => {
    for (const [key, value] of Object.entries(object) as [string, unknown][]) {
      const path = `${prefix}${key}`;
      if (value === undefined) continue;
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) take(`${path}.`, value);
      else if (Array.isArray(value)) values.set(path, value.join(', '));
      else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
        values.set(path, value);
      }
    }
  };
  take('', config);
  // LoRA, rsLoRA and LoRA at a budget have one name in the file and three in the window.
  values.set('method.name', choiceOf(config.method));
  return values;
}
