/** Takes out of a text what belongs to the person alone, before it is shown for passing on. Pure. */

/** What is private on this computer. */
export interface PrivateNames {
  readonly user: string;
  readonly host: string;
  /** Folders whose contents are the person’s (home, workspace, cache, state). */
  readonly folders: readonly string[];
  /** Folder of the program itself: what lies in it is no secret, and tells where a fault is. */
  readonly program: string;
}

/** Ends of a sentence's part; a path with spaces in it goes on until one of these. */
const ends = String.raw`"'“”‘’\n;,()<>|`;
/** What follows a known folder: everything up to the end of the sentence's part, or `: `. */
const restOfPath = String.raw`(?:(?!:\s|:$)[^${ends}])*`;
const anyPath = new RegExp(
  String.raw`(?<![\w<>/.\\-])(?:file:\/\/)?(?:[A-Za-z]:[\\/]|\\\\|~[\\/]|\/)(?=[^\s/\\])` +
    String.raw`(?:(?!:\s|:$)[^${ends}])*[\\/](?:[^${ends}:]*?\.[A-Za-z0-9]{1,10}\b|[^\s${ends}:]*)|` +
    String.raw`(?<![\w<>/.\\-])(?:file:\/\/)?(?:[A-Za-z]:[\\/]|~[\\/]|\/)[^\s/\\${ends}:]+`,
  'g',
);

/** Each with what stands in its place. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(?:hf|sk|gh[opsu]|github_pat|npm|xox[abp])[-_][\w-]{8,}/g, '<token>'],
  [
    /\b(bearer|authorization|token|password|api[-_]?key)(["']?\s*[:=]?\s+["']?|["']?[:=]["']?)[^\s"',;]+/gi,
    '$1$2<token>',
  ],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, '<e-mail>'],
  [/\b(?:https?|wss?|ftp):\/\/[^\s"'<>)]+/gi, '<address>'],
  [/\b(?!127\.0\.0\.1\b)(?:\d{1,3}\.){3}\d{1,3}\b/g, '<address>'],
  [/\b[0-9a-f]{32,}\b/gi, '<hash>'],
  [/\b[A-Za-z0-9+/_-]{40,}={0,2}/g, '<token>'],
];

/** What stands in quotation marks may be a row of the person’s data. */
const quoted: readonly (readonly [RegExp, string])[] = [
  [/"(?:[^"\\\n]|\\.)*"/g, '"…"'],
  [/“[^”\n]*”/g, '“…”'],
  [/‘[^’\n]*’/g, '‘…’'],
  [/(?<![A-Za-z0-9])'[^'\n]+'(?![A-Za-z])/g, "'…'"],
  [/`[^`\n]*`/g, '`…`'],
];

/** Longest line that is kept: whole rows are longer. */
const longestLine = 300;

/** The text without paths, names of user and computer, tokens, addresses, and quoted texts. */
export function withoutPrivate(text: string, names: PrivateNames): string {
  return text
    .split('\n')
    .map((line) => cleanLine(line, names))
    .join('\n');
}

function cleanLine(line: string, { user, host, folders, program }: PrivateNames): string {
  let clean = line;
  if (program.length > 1) clean = clean.replaceAll(program, '<program>');
  for (const [pattern, put] of [...secrets.slice(0, 2), ...quoted]) clean = clean.replace(pattern, put);
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    if (folder.length > 1) clean = clean.replace(new RegExp(escaped(folder) + restOfPath, 'g'), '<path>');
  }
  for (const [pattern, put] of secrets.slice(2, 5)) clean = clean.replace(pattern, put);
  clean = clean.replace(anyPath, '<path>');
  for (const [pattern, put] of secrets.slice(5)) clean = clean.replace(pattern, put);
  for (const [name, put] of [
    [user, '<user>'],
    [host, '<host>'],
  ] as const) {
    if (name.length > 1) clean = clean.replace(new RegExp(String.raw`(?<![\w-])${escaped(name)}(?![\w-])`, 'gi'), put);
  }
  return clean.length > longestLine
    ? `${clean.slice(0, longestLine)}… <${String(clean.length - longestLine)} more>`
    : clean;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
}
