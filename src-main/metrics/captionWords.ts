/** Punctuation that the caption evaluation leaves out; brackets stay, under the names the Treebank gives them. */
const leftOut = new Set(['"', "''", "'", '``', '`', '.', '?', '!', ',', ':', '-', '--', '...', ';']);

const renamed: ReadonlyMap<string, string> = new Map([
  ['(', '-lrb-'],
  [')', '-rrb-'],
  ['[', '-lsb-'],
  [']', '-rsb-'],
  ['{', '-lcb-'],
  ['}', '-rcb-'],
  ['£', '#'],
  ['–', '--'],
  ['—', '--'],
  ['“', '``'],
  ['”', "''"],
  ['‘', '`'],
  ['’', "'"],
  ['…', '...'],
]);

/** Words that are written as one and counted as two. */
const joined: ReadonlyMap<string, readonly string[]> = new Map([
  ['cannot', ['can', 'not']],
  ['gonna', ['gon', 'na']],
  ['gotta', ['got', 'ta']],
  ['wanna', ['wan', 'na']],
  ['gimme', ['gim', 'me']],
  ['lemme', ['lem', 'me']],
]);

/** Abbreviations that keep their full stop. */
const abbreviation =
  /^(?:mr|mrs|ms|dr|st|vs|jr|sr|prof|etc|inc|ltd|co|approx|ave|blvd|rd|apt|dept|est|\p{L}(?:\.\p{L})+)\.$/u;

const token = new RegExp(
  [
    String.raw`\.{2,}`,
    String.raw`(?<=^|[\s£$])-\d+(?:[.,]\d+)*(?![\p{L}\d-])`,
    String.raw`[?!]{2,}`,
    String.raw`-{2,}`,
    // Numbers with the marks inside them: 3,000.50, 20-25, 12:30, 1/2.
    String.raw`\d+(?:[.,:/]\d+)*(?:-\d+(?:[.,:/]\d+)*)*(?![\p{L}\d]|-[\p{L}\d])`,
    // Words with inner hyphens, apostrophes, ampersands, strokes and full stops, and the stop of an abbreviation.
    String.raw`[\p{L}\p{M}\d]+(?:[-'’&/.@_][\p{L}\p{M}\d]+)*\.?`,
    String.raw`\S`,
  ].join('|'),
  'gu',
);

/**
 * The words that METEOR, ROUGE-L and CIDEr of the E2E challenge are computed over: those of the Penn Treebank in lower
 * case without punctuation. An own, small version of the rules of Stanford's PTBTokenizer; how often the two agree is
 * stated in docs/evaluation.md.
 */
export function captionWords(text: string): string[] {
  const words = text.toLowerCase().match(token) ?? [];
  return words.flatMap(splitWord).filter((word) => !leftOut.has(word));
}

function splitWord(word: string): readonly string[] {
  const plain = word.replaceAll('’', "'");
  if (plain.length > 1 && plain.endsWith('.') && !/^\.+$/.test(plain)) {
    return abbreviation.test(plain) ? [plain] : splitWord(plain.slice(0, -1));
  }
  if (/^\.{2,}$/.test(plain)) return ['...'];
  const whole = joined.get(plain);
  if (whole !== undefined) return whole;
  const clitic = /^(.*\p{L})(n't)$/u.exec(plain) ?? /^(.*[\p{L}\d])('(?:s|d|m|ll|re|ve))$/u.exec(plain);
  if (clitic !== null) return [...splitWord(clitic[1] ?? ''), clitic[2] ?? ''];
  return [renamed.get(plain) ?? plain];
}
