/** Rows: JSONL, JSON, CSV and Parquet. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { scanDataset } from '../../../src-main/data/scan.ts';
import type { Rng } from '../../../src-main/util/rng.ts';
import type { Format } from '../format.ts';
import { hostileJson, hostileString, pick } from '../hostile.ts';
import { mutateBytes } from '../mutateBytes.ts';
import { mutateTree, textOf, treeOf } from '../mutateJson.ts';
import { mutateParquet } from '../mutateParquet.ts';

const { signal } = new AbortController();
/** Rows that are looked at as the window shows them. */
const rowsShown = 50;

/** Reads every row, as before a training. */
async function useData(file: string): Promise<void> {
  let shown = 0;
  await scanDataset(file, undefined, signal, (_example, source) => {
    if (shown++ < rowsShown) source.raw();
  });
}

const rows: readonly unknown[] = [
  { prompt: 'Tom saw a ball.', completion: 'He was happy.' },
  { instruction: 'Add.', input: '1 and 2', output: '3' },
  {
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Good day' },
    ],
  },
  {
    conversations: [
      { from: 'human', value: 'Hi' },
      { from: 'gpt', value: 'Good day' },
    ],
  },
  { text: 'Once upon a time.' },
];
const trees = rows.map(treeOf);

function hostileRow(rng: Rng): string {
  return rng.next() < 0.2 ? textOf(pick(rng, trees)) : textOf(mutateTree(rng, pick(rng, trees), 3));
}

function rowsBetween(rng: Rng, separators: readonly string[]): string {
  return Array.from({ length: 1 + rng.integer(12) }, () => hostileRow(rng) + pick(rng, separators)).join('');
}

function textFormat(name: string, ending: string, make: (rng: Rng) => string): Format {
  const file = `rows.${ending}`;
  return {
    name,
    sound: {},
    make(rng) {
      const text = make(rng);
      return { [file]: rng.next() < 0.5 ? text : mutateBytes(rng, Buffer.from(text)) };
    },
    use: (folder) => useData(path.join(folder, file)),
  };
}

export const jsonLinesFormat = textFormat('jsonl', 'jsonl', (rng) =>
  rowsBetween(rng, ['\n', '\n', '\n', '\r\n', '\n\n', '', '\u2028', ' \t\n', '\r']),
);

export const jsonFormat = textFormat('json', 'json', (rng) => {
  const inner = rowsBetween(rng, [',', ',', ',', ', ', ',,', '', '\n', ',null,', '],[']);
  return rng.next() < 0.9 ? `[${inner}${hostileRow(rng)}]` : `{"data":[${inner}]}`;
});

const fields = [
  'prompt',
  'completion',
  'a',
  '"b"',
  '"c,d"',
  '"e\nf"',
  '"g""h"',
  '"',
  '""',
  '"""',
  '"x" y',
  '',
  ' ',
  '\0',
  'é',
  '=1+1',
];
const header = [
  'prompt,completion',
  'prompt;completion',
  'text',
  'a\tb',
  'prompt|completion',
  '__proto__,prompt',
  'prompt,prompt',
  '',
  '"prompt","completion"',
];

export const csvFormat = textFormat('csv', 'csv', (rng) => {
  const delimiter = pick(rng, [',', ',', ';', '\t', '|']);
  // Many columns or many rows, not both: time grows with the bytes, and a megabyte or two show by what power.
  const wide = rng.next() < 0.01 ? rng.integer(3_000) : undefined;
  const line = (): string => {
    const columns = wide ?? (rng.next() < 0.8 ? 2 : rng.integer(6));
    const cells = Array.from({ length: columns }, () => (rng.next() < 0.8 ? pick(rng, fields) : hostileString(rng)));
    return cells.join(delimiter) + pick(rng, ['\n', '\n', '\n', '\r\n', '\r', '']);
  };
  const most = wide === undefined ? 20 : 3;
  const count = wide === undefined && rng.next() < 0.005 ? 3_000 : 1 + rng.integer(most);
  const first = rng.next() < 0.8 ? `${pick(rng, header)}\n` : line();
  return first + (rng.next() < 0.05 ? `"${hostileJson(rng)}` : '') + Array.from({ length: count }, line).join('');
});

/** @param files sound ones */
export function parquetFormat(files: readonly string[]): Format {
  const sound = files.map((file) => readFileSync(file));
  const name = 'rows.parquet';
  return {
    name: 'parquet',
    sound: {},
    make(rng) {
      const bytes = pick(rng, sound);
      return { [name]: rng.next() < 0.3 ? mutateBytes(rng, bytes) : mutateParquet(rng, bytes) };
    },
    use: (folder) => useData(path.join(folder, name)),
  };
}
