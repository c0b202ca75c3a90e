/** A sweep as a table, a row for each trial. Pure. */
import type { SettingValue } from './sweeps.schema.ts';
import { bestLoss, type SweepResult, type Trial } from './sweeps.ts';
import type { StudyCell, StudyTable } from './studyTable.ts';

/** A tried value in a cell: a number as it is, a method by its name. */
export function settingText(value: SettingValue | undefined): StudyCell {
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  if (typeof value === 'object' && !Array.isArray(value) && typeof value['name'] === 'string') {
    const { name, ...rest } = value;
    const details = Object.entries(rest).map(([key, entry]) => `${key} ${JSON.stringify(entry)}`);
    return [name, ...details].join(' ');
  }
  return JSON.stringify(value);
}

export function sweepTable({ sweep, trials }: Pick<SweepResult, 'sweep' | 'trials'>): StudyTable {
  const places = Object.keys(sweep.space);
  const cells = (trial: Trial): StudyCell[] => [
    trial.number,
    ...places.map((place) => settingText(trial.values[place])),
    trial.seed,
    trial.state,
    `${trial.step}/${trial.totalSteps}`,
    bestLoss(trial) ?? '',
    trial.evaluations.at(-1)?.loss ?? '',
    trial.trainable ?? '',
    trial.seconds === undefined ? '' : Math.round(trial.seconds * 10) / 10,
    trial.node ?? '',
  ];
  return {
    columns: ['trial', ...places, 'seed', 'state', 'steps', 'best loss', 'last loss', 'trainable', 'seconds', 'node'],
    rows: trials.map(cells),
  };
}
