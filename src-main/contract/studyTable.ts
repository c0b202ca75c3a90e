/** The findings of a study as one table: for the command line, CSV files and the window. Pure. */
import type { ProbeCell, StudyResult } from './studies.ts';

export type StudyCell = string | number;
export interface StudyTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly StudyCell[])[];
}

/** Empty cells are the empty string. */
export function studyTable(result: StudyResult): StudyTable {
  switch (result.study) {
    case 'overview':
      return {
        columns: ['i', 'singular value', 'share of the sum', 'kept'],
        rows: shares(result.matrix.singularValues).map(([value, share], i) => [
          i + 1,
          value,
          share,
          i < result.matrix.rank ? 'yes' : 'no',
        ]),
      };
    case 'threshold': {
      const probed = result.rows.some(({ cells }) => cells.length > 0);
      return {
        columns: [
          'm',
          'k least',
          'k mean',
          'k most',
          'trainable',
          'share',
          'LoRA rank',
          ...(probed ? cellColumns : []),
        ],
        rows: result.rows.flatMap((row) => {
          const own = [
            row.threshold,
            row.leastRank,
            row.meanRank,
            row.mostRank,
            row.trainable,
            row.share,
            row.loraRank,
          ];
          if (!probed) return [own];
          return row.cells.length === 0
            ? [[...own, ...cellColumns.map(() => '')]]
            : row.cells.map((cell) => [...own, ...cellValues(cell)]);
        }),
      };
    }
    case 'relation':
      return {
        columns: ['layer', 'matrix', 'k', 'trainable', 'gain', ...cellColumns],
        rows: result.rows.map((row) => [
          row.layer,
          row.matrix ?? '',
          row.rank,
          row.trainable,
          row.gain ?? '',
          ...cellValues(row.cell),
        ]),
      };
    case 'heads':
    case 'merged':
    case 'QVmerged':
      return {
        columns: [
          'layer',
          'part',
          'head',
          'd_out',
          'd_in',
          'k',
          'k / largest',
          'effective rank',
          's1',
          'sum',
          'matrix',
        ],
        rows: result.rows.map((row) => [
          row.layer,
          row.part,
          row.head ?? '',
          ...row.shape,
          row.rank,
          row.relativeRank,
          row.effectiveRank,
          row.largest,
          row.sum,
          row.matrix,
        ]),
      };
    case 'robustness':
      return {
        columns: ['method', 'share of rows', 'rows', ...cellColumns],
        rows: result.groups.flatMap(({ label, fraction, cells }) =>
          cells.map((cell) => [label, fraction, cell.probes[0]?.trainRows ?? '', ...cellValues(cell)]),
        ),
      };
    case 'scaling':
      return {
        columns: [
          'model',
          'family',
          'parameters',
          'layers',
          'hidden size',
          'm',
          'k mean',
          'k most',
          'trainable',
          'share',
        ],
        rows: result.rows.flatMap(({ model, layers, hiddenSize, ranks }) =>
          ranks.map(({ threshold, meanRank, mostRank, trainable, share }) => [
            model.name,
            model.family,
            model.parameters,
            layers,
            hiddenSize,
            threshold,
            meanRank,
            mostRank,
            trainable,
            share,
          ]),
        ),
      };
    case 'ablation':
      return {
        columns: ['method', 'trainable', ...cellColumns, 'best'],
        rows: result.rows.flatMap(({ label, cells, best }) =>
          cells.map((cell, i) => [
            label,
            cell.probes[0]?.trainable ?? '',
            ...cellValues(cell),
            i === best ? 'yes' : '',
          ]),
        ),
      };
  }
}

const cellColumns = ['learning rate', 'seeds', 'held-out loss', 'deviation', 'base loss', 'diverged', 'seconds'];

function cellValues({ learningRate, probes, mean, deviation }: ProbeCell): StudyCell[] {
  const average = (values: readonly number[]): StudyCell =>
    values.length === 0 ? '' : values.reduce((sum, value) => sum + value, 0) / values.length;
  return [
    learningRate,
    probes.length,
    mean ?? '',
    deviation ?? '',
    average(probes.map(({ baseLoss }) => baseLoss)),
    probes.filter(({ loss }) => loss === null).length,
    average(probes.map(({ seconds }) => seconds)),
  ];
}

function shares(values: readonly number[]): [number, number][] {
  const total = values.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return [value, total > 0 ? sum / total : 0];
  });
}

/** The table as CSV (RFC 4180, lines end with CR LF). */
export function studyCsv({ columns, rows }: StudyTable): string {
  return [columns, ...rows].map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

function csvField(value: StudyCell): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
