import type { DataFinding, DropRule } from '../../../src-main/contract/dataCheck.ts';
import type { DataConfig } from '../../../src-main/contract/requests.schema.ts';
import type { Patch } from '../../state/project.svelte.ts';

/** What can be done about the rows of a finding. */
export type Treatment = 'keep' | 'drop' | 'move';

export function treatmentOf({ fix, move, kind }: DataFinding, data: DataConfig): Treatment {
  if (kind === 'bad-rows') return data.skipBadRows ? 'drop' : 'keep';
  if (move !== undefined && data.move?.includes(move) === true) return 'move';
  return fix !== undefined && data.drop?.includes(fix) === true ? 'drop' : 'keep';
}

/** What can be chosen for a finding; empty where the rows are left out anyway. */
export function treatmentsOf({ fix, move, kind }: DataFinding): readonly Treatment[] {
  if (kind === 'bad-rows') return ['keep', 'drop'];
  if (fix === undefined) return [];
  return move === undefined ? ['keep', 'drop'] : ['keep', 'drop', 'move'];
}

/** The change of the settings that a treatment is. */
export function treat(
  { fix, move, kind }: DataFinding,
  treatment: Treatment,
  data: DataConfig,
): Patch<Omit<DataConfig, 'path'>> {
  if (kind === 'bad-rows') return { skipBadRows: treatment === 'drop' };
  return {
    drop: without(data.drop, fix, treatment === 'drop'),
    ...(move === undefined ? {} : { move: without(data.move, move, treatment === 'move') }),
  };
}

/** The list without a rule, or with it; undefined when nothing is left. */
function without<Rule extends DropRule>(
  rules: readonly Rule[] | undefined,
  rule: Rule | undefined,
  wanted: boolean,
): Rule[] | undefined {
  const rest = (rules ?? []).filter((each) => each !== rule);
  const list = wanted && rule !== undefined ? [...rest, rule] : rest;
  return list.length === 0 ? undefined : list;
}

/** Kinds that spoil what a run shows or learns; the others cost only time or quality. */
export function isGrave(kind: DataFinding['kind']): boolean {
  return ['bad-rows', 'exact-leaks', 'leaks', 'without-loss', 'without-end'].includes(kind);
}
