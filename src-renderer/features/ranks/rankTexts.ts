/** Words and tables about ranks. */
import type { RankRule } from '../../../src-main/contract/rank.ts';
import type { AnalysisState } from '../../state/analysis.svelte.ts';
import type { Table } from '../../charts/csv.ts';
import { grouped } from '../../text/format.ts';
import { t } from '../../text/text.svelte.ts';

/** A threshold or reached share in three figures: `3.5 %`, `0.25 %`. */
export function shareText(share: number): string {
  if (!Number.isFinite(share)) return '—';
  return share >= 0.9995 ? '100 %' : `${Number((share * 100).toPrecision(3))} %`;
}

export function sigmaText(sigma: number): string {
  return Number.isFinite(sigma) ? sigma.toPrecision(4) : '—';
}

/** A rule in a line: `m = 3.5 %, by sum, one rank a matrix, at most 64`. */
export function ruleText(rule: RankRule): string {
  const { threshold, measure, granularity, floor, cap } = rule;
  return [
    t('method.rule', {
      m: shareText(threshold),
      measure: t(`method.rule.${measure}`),
      granularity: t(`method.rule.${granularity}`),
    }),
    ...(floor === undefined ? [] : [t('method.rule.floor', { floor })]),
    ...(cap === undefined ? [] : [t('method.rule.cap', { cap })]),
  ].join(', ');
}

/** One sentence about a cell, for the screen reader. */
export function cellText(analysis: AnalysisState, matrix: number): string {
  const target = analysis.table?.targets[matrix];
  const { outcome, table } = analysis;
  if (!target || !outcome || !table) return '';
  const place = { name: target.name, rows: target.shape[0], columns: target.shape[1] };
  const spectrum = table.spectrum(matrix);
  if (!spectrum) return t('ranks.cellPending', place);
  const k = outcome.ranks[matrix] ?? NaN;
  if (!Number.isFinite(k)) return t('ranks.cellLeftOut', place);
  return t('ranks.cell', {
    ...place,
    k,
    share: shareText(outcome.reached[matrix] ?? NaN),
    sigma: sigmaText(spectrum.singularValues[0] ?? NaN),
    parameters: outcome.parameters[matrix] ?? 0,
  });
}

/** All matrices as a table: what the map shows, in numbers. */
export function rankTableRows(analysis: AnalysisState): Table {
  const { table, outcome } = analysis;
  const columns = [
    'layer',
    'module',
    'd_out',
    'd_in',
    'k',
    'k / p',
    'share reached',
    'parameters',
    'sigma1',
    'sum of sigma',
    'name',
  ];
  if (!table || !outcome) return { columns, rows: [] };
  return {
    columns,
    rows: table.targets.map((target, i) => {
      const sums = table.cumulative(i, 'sum');
      const number = (value: number | undefined, digits: number): number | undefined =>
        value === undefined || !Number.isFinite(value) ? undefined : Number(value.toPrecision(digits));
      return [
        target.layer,
        target.module,
        target.shape[0],
        target.shape[1],
        number(outcome.ranks[i], 12),
        number(outcome.shares[i], 4),
        number(outcome.reached[i], 4),
        number(outcome.parameters[i], 12),
        number(table.spectrum(i)?.singularValues[0], 6),
        number(sums?.[sums.length - 1], 6),
        target.name,
      ];
    }),
  };
}

export function shapeText(shape: readonly [number, number]): string {
  return `${grouped(shape[0])} × ${grouped(shape[1])}`;
}
