import type { OptionSpec, OptionValues } from './command.ts';
import { AppError } from '../util/appError.ts';
import { flag, number, text, withoutUndefined } from './optionValues.ts';

/** The options that say which rows are used and how they become text. */
export const dataOptions: Readonly<Record<string, OptionSpec>> = {
  data: {
    type: 'string',
    value: 'FILE',
    description: 'JSONL, JSON, CSV, Parquet, .txt or .md with the rows, or a folder of such files.',
  },
  'prompt-column': {
    type: 'string',
    value: 'NAME',
    description: 'Column with the prompt, where the layout is not known.',
  },
  'completion-column': { type: 'string', value: 'NAME', description: 'Column with the completion.' },
  template: {
    type: 'string',
    value: 'chat|plain',
    description: 'The model’s chat template, or prompt, newline, completion (default chat where the model has one).',
  },
  system: { type: 'string', value: 'TEXT', description: 'System prompt put before every row.' },
  'all-tokens': { type: 'boolean', description: 'Loss on every token instead of the completion alone.' },
  'skip-bad-rows': { type: 'boolean', description: 'Leave out rows that cannot be used instead of stopping.' },
  drop: {
    type: 'string',
    value: 'RULES',
    description: 'Rows left out: duplicates, empty-prompts, too-long, leaks, separated by commas.',
  },
  'max-rows': { type: 'string', value: 'N', description: 'Use at most N rows, drawn by the seed.' },
};

/** Part of a data configuration from options, without what was not given. */
export function dataConfigFrom(options: OptionValues): Record<string, unknown> {
  const prompt = text(options, 'prompt-column');
  const completion = text(options, 'completion-column');
  if ((prompt === undefined) !== (completion === undefined)) {
    throw new AppError('USAGE', '--prompt-column and --completion-column go together: give both.');
  }
  return withoutUndefined({
    path: text(options, 'data'),
    mapping: prompt === undefined ? undefined : { prompt, completion },
    template: text(options, 'template'),
    systemPrompt: text(options, 'system'),
    completionOnly: flag(options, 'all-tokens') ? false : undefined,
    skipBadRows: flag(options, 'skip-bad-rows') ? true : undefined,
    drop: text(options, 'drop')
      ?.split(',')
      .map((rule) => rule.trim()),
    maxRows: number(options, 'max-rows'),
  });
}
