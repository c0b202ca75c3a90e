/**
 * The page with the part between `<!-- NAME -->` and `<!-- end of NAME -->` replaced; the rest is written by hand.
 * @throws Error when the page has no such part
 */
export function replaceTable(page: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`The page has no ${begin} … ${end}.`);
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}
