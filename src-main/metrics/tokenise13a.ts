import { pythonWhitespace } from './whitespace.ts';

const entities: readonly (readonly [string, string])[] = [
  ['&quot;', '"'],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
];

/** The words of a segment as mteval-v13a.pl of WMT splits them. */
export function tokenise13a(segment: string): string[] {
  let line = segment.replace(new RegExp(`${pythonWhitespace}+$`, 'u'), '');
  line = line.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  for (const [entity, character] of entities) line = line.replaceAll(entity, character);
  return ` ${line} `
    .replace(/([{-~[-` -&(-+:-@/])/gu, ' $1 ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/gu, '$1 $2 ')
    .split(new RegExp(`${pythonWhitespace}+`, 'u'))
    .filter((word) => word !== '');
}
