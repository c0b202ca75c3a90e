import type { DataFinding } from '../contract/dataCheck.ts';
import { dataCheckRequestSchema } from '../contract/requests.schema.ts';
import type { Command } from './command.ts';
import { dataConfigFrom, dataOptions } from './dataOptions.ts';
import { number, text, validated, withoutUndefined } from './optionValues.ts';

const shownRows = 5;

const meanings: Readonly<Record<DataFinding['kind'], string>> = {
  'bad-rows': 'cannot be used',
  'exact-leaks': 'ask the same as a held-out row',
  leaks: 'ask the same as a held-out row, typing aside',
  'without-loss': 'have no token to learn',
  'without-end': 'have an answer whose end the model does not learn',
  'exact-duplicates': 'repeat an earlier row',
  duplicates: 'repeat an earlier row, white space and case aside',
  'too-long': 'are longer than the sequence length',
  'empty-prompts': 'have an empty prompt',
};

/** What is wrong with the rows of a data file. */
export const checkData: Command = {
  name: 'check-data',
  usage: '--data FILE [--model MODEL]',
  positionals: 0,
  summary: 'Look for repeated, empty and over-long rows and for rows on both sides of the split.',
  options: {
    ...dataOptions,
    model: { type: 'string', value: 'MODEL', description: 'Counts tokens; without it no row is found too long.' },
    validation: { type: 'string', value: 'FILE', description: 'Held-out rows; default: a tenth, drawn by the seed.' },
    'seq-len': { type: 'string', value: 'N', description: 'Longest row in tokens (default 512).' },
    seed: { type: 'string', value: 'N', description: 'Seed of the split (default 0).' },
  },
  async run({ options, output, run }) {
    const request = validated(
      dataCheckRequestSchema,
      withoutUndefined({
        model: text(options, 'model'),
        data: withoutUndefined({ ...dataConfigFrom(options), validationPath: text(options, 'validation') }),
        sequenceLength: number(options, 'seq-len'),
        seed: number(options, 'seed'),
      }),
      { 'data.path': '--data', model: '--model', sequenceLength: '--seq-len', seed: '--seed' },
    );
    const check = await run('data.check', request, ({ phase, done, total }) =>
      output.progress(phase, total > 0 ? done / total : undefined),
    );
    if (output.json) {
      output.value(check);
      return;
    }
    const { rows, trainRows, validationRows, findings, scripts, languages } = check;
    output.line(`${String(rows)} rows: ${String(trainRows)} to train on, ${String(validationRows)} held out`);
    output.line(`scripts: ${scripts.map(({ script, rows: own }) => `${script} ${String(own)}`).join(', ')}`);
    output.line(`languages: ${languages.map(({ language, rows: own }) => `${language} ${String(own)}`).join(', ')}`);
    if (findings.length === 0) output.line('nothing was found');
    for (const finding of findings) output.line(lineOf(finding));
  },
};

function lineOf({ kind, count, rows, fix }: DataFinding): string {
  const named = rows
    .slice(0, shownRows)
    .map(({ row, of }) => (of === undefined ? String(row) : `${String(row)} (of ${String(of)})`));
  const others = count > named.length ? ', …' : '';
  const remedy = fix === undefined ? '' : `; --drop ${fix} leaves them out of a run`;
  return `${String(count)} ${meanings[kind]}: ${named.join(', ')}${others}${remedy}`;
}
