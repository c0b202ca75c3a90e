/** Settings against settings, coloured by their mean held-out loss. Pure. */
import {
  bestLoss,
  groupsOf,
  type SweepResult,
  type Trial,
  type TrialGroup,
} from '../../../src-main/contract/sweeps.ts';
import { settingText } from '../../../src-main/contract/sweepTable.ts';

export interface HeatCell {
  readonly group: TrialGroup;
  /** Of the finished seeds, also where some are missing. */
  readonly mean: number | undefined;
  /** 0 for the worst, 1 for the best. */
  readonly goodness: number;
}

export interface HeatTable {
  readonly rowLabel: string;
  readonly columnLabel: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly label: string; readonly cells: readonly (HeatCell | undefined)[] }[];
}

/**
 * The last setting across, the others down.
 * @param nameOf what a setting is called
 */
export function heatTable(
  { sweep }: Pick<SweepResult, 'sweep'>,
  trials: readonly Trial[],
  nameOf: (setting: string) => string,
): HeatTable {
  const places = Object.keys(sweep.space);
  const across = places.at(-1);
  const down = places.slice(0, -1);
  const groups = groupsOf(trials).map((group) => ({ group, mean: meanOf(group) }));
  const means = groups.flatMap(({ mean }) => mean ?? []);
  const least = Math.min(...means);
  const most = Math.max(...means);
  const columns = [...new Set(groups.map(({ group }) => textAt(group, across)))];
  const rows = new Map<string, (HeatCell | undefined)[]>();
  for (const { group, mean } of groups) {
    const label = down.map((place) => textAt(group, place)).join(' · ');
    const cells = rows.get(label) ?? columns.map(() => undefined);
    rows.set(label, cells);
    const goodness = mean === undefined ? 0 : most > least ? (most - mean) / (most - least) : 1;
    cells[columns.indexOf(textAt(group, across))] = { group, mean, goodness };
  }
  return {
    rowLabel: down.map(nameOf).join(' · '),
    columnLabel: across === undefined ? '' : nameOf(across),
    columns,
    rows: [...rows].map(([label, cells]) => ({ label, cells })),
  };
}

function textAt({ values }: TrialGroup, place: string | undefined): string {
  return place === undefined ? '' : String(settingText(values[place]));
}

function meanOf({ mean, trials }: TrialGroup): number | undefined {
  if (mean !== undefined) return mean;
  const losses = trials.flatMap((trial) => bestLoss(trial) ?? []);
  return losses.length === 0 ? undefined : losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
