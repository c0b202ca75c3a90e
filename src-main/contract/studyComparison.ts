/** Two results of one study side by side: other settings, other models, another day. Pure. */
import { element, rectangle } from './figure/svg.ts';
import { studyFigure } from './figure/studyFigure.ts';
import { lightFigure, type FigureTheme } from './figure/theme.ts';
import { studyTable, type StudyCell, type StudyTable } from './studyTable.ts';
import type { StudyName, StudyResult } from './studies.ts';

/** The columns of a study's table that say what a row is of, and those that are compared. */
const compared: Readonly<Record<StudyName, { readonly keys: readonly string[]; readonly values: readonly string[] }>> =
  {
    overview: { keys: ['i'], values: ['singular value', 'share of the sum'] },
    threshold: { keys: ['m', 'learning rate'], values: ['k mean', 'trainable', 'held-out loss'] },
    relation: { keys: ['layer', 'matrix'], values: ['k', 'gain'] },
    heads: { keys: ['layer', 'part', 'head'], values: ['k', 'effective rank'] },
    merged: { keys: ['layer', 'part'], values: ['k', 'effective rank'] },
    QVmerged: { keys: ['layer'], values: ['k', 'effective rank'] },
    robustness: { keys: ['method', 'share of rows', 'learning rate'], values: ['held-out loss', 'deviation'] },
    scaling: { keys: ['model', 'm'], values: ['k mean', 'share'] },
    ablation: { keys: ['method', 'learning rate'], values: ['held-out loss', 'deviation'] },
  };

/** Whether two results can be compared: those of one study. */
export function comparable(first: StudyResult, second: StudyResult): boolean {
  return first.study === second.study;
}

/**
 * What both results say of the same rows, and the difference, second − first. Rows that one of them lacks are there with
 * empty cells.
 */
export function comparisonTable(first: StudyResult, second: StudyResult): StudyTable {
  const { keys, values } = compared[first.study];
  const a = picked(studyTable(first), keys, values);
  const b = picked(studyTable(second), keys, values);
  const names = [...new Set([...a.keys(), ...b.keys()])];
  return {
    columns: [
      ...presentKeys(first, keys),
      ...values.flatMap((value) => [`${value} (1)`, `${value} (2)`, `${value}, 2 − 1`]),
    ],
    rows: names.map((name) => {
      const left = a.get(name);
      const right = b.get(name);
      return [
        ...((left ?? right)?.keys ?? []),
        ...values.flatMap((_, i) => {
          const [x, y] = [left?.values[i] ?? '', right?.values[i] ?? ''];
          return [x, y, typeof x === 'number' && typeof y === 'number' ? y - x : ''];
        }),
      ];
    }),
  };
}

/** The figures of both, side by side. */
export function comparisonFigure(first: StudyResult, second: StudyResult, theme: FigureTheme = lightFigure): string {
  const figures = [studyFigure(first, theme), studyFigure(second, theme)];
  const sizes = figures.map((figure) => ['width', 'height'].map((name) => Number(attribute(figure, name))));
  const width = sizes.reduce((sum, [own = 0]) => sum + own, 0);
  const height = Math.max(...sizes.map(([, own = 0]) => own));
  const [firstWidth = 0] = sizes[0] ?? [];
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' },
    rectangle(0, 0, width, height, { fill: theme.background }),
    ...figures.map((figure, i) => figure.replace('<svg ', `<svg x="${i === 0 ? 0 : firstWidth}" y="0" `)),
  );
}

function attribute(svg: string, name: string): string {
  return new RegExp(` ${name}="([^"]*)"`).exec(svg)?.[1] ?? '0';
}

interface Picked {
  readonly keys: readonly StudyCell[];
  readonly values: readonly StudyCell[];
}

function picked(
  { columns, rows }: StudyTable,
  keys: readonly string[],
  values: readonly string[],
): Map<string, Picked> {
  const places = (names: readonly string[]): number[] =>
    names.map((name) => columns.indexOf(name)).filter((i) => i >= 0);
  const keyPlaces = places(keys);
  return new Map(
    rows.map((row) => {
      const own = keyPlaces.map((place) => row[place] ?? '');
      return [JSON.stringify(own), { keys: own, values: values.map((name) => row[columns.indexOf(name)] ?? '') }];
    }),
  );
}

function presentKeys(result: StudyResult, keys: readonly string[]): readonly string[] {
  const { columns } = studyTable(result);
  return keys.filter((key) => columns.includes(key));
}
