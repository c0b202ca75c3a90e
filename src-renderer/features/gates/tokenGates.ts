/** The gates of a text as shapes: a row for each token, its gates stacked. Pure. */
import type { MatrixGates, TextGates } from '../../../src-main/contract/gates.ts';
import type { Drawing, Shape } from '../../charts/drawing.ts';
import type { Table } from '../../charts/csv.ts';

/** Gates of one token: they sum to 1. */
export function gatesOf(matrix: MatrixGates, sets: number, token: number): readonly number[] {
  return Array.from(matrix.gates.subarray(token * sets, (token + 1) * sets));
}

/** White space that would not be seen in a token. */
export function visibleToken(text: string): string {
  return text.replaceAll('\n', '⏎').replaceAll('\t', '⇥').replaceAll(' ', '·');
}

export function gateTable(text: TextGates, matrix: MatrixGates): Table {
  return {
    columns: ['position', 'token', ...Array.from({ length: text.sets }, (_, i) => `set ${i + 1}`)],
    rows: text.tokens.map((token, i) => [
      i + 1,
      visibleToken(token.text),
      ...gatesOf(matrix, text.sets, i).map((gate) => Number(gate.toPrecision(4))),
    ]),
  };
}

const rowHeight = 18;
const nameWidth = 120;
const barWidth = 320;

export function gateDrawing(text: TextGates, matrix: MatrixGates): Drawing {
  const shapes = text.tokens.flatMap((token, i): Shape[] => {
    let x = nameWidth;
    const bars = gatesOf(matrix, text.sets, i).map((gate, set): Shape => {
      const bar: Shape = { kind: 'rect', x, y: i * rowHeight + 3, w: gate * barWidth, h: rowHeight - 5, fill: set };
      x += gate * barWidth;
      return bar;
    });
    const label: Shape = {
      kind: 'text',
      x: nameWidth - 8,
      y: i * rowHeight + 13,
      text: visibleToken(token.text),
      anchor: 'end',
    };
    return [label, ...bars];
  });
  return { width: nameWidth + barWidth, height: text.tokens.length * rowHeight, shapes };
}
