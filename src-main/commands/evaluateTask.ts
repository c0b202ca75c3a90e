import { evaluateTaskRequestSchema } from '../contract/requests.schema.ts';
import { taskFacts, type TaskAnswer, type TaskResult } from '../contract/tasks.ts';
import type { CommandCall, CommandOutput, OptionSpec } from './command.ts';
import { flag, number, text, validated, withoutUndefined } from './optionValues.ts';
import { table } from './terminal.ts';

/** The options of `evaluate` that are for tasks alone. */
export const taskOptions: Readonly<Record<string, OptionSpec>> = {
  task: {
    type: 'string',
    value: 'NAME',
    description: `Answer the questions of a task: ${Object.keys(taskFacts).join(', ')}.`,
  },
  limit: { type: 'string', value: 'N', description: 'With --task: at most N rows, drawn by the seed.' },
  seed: { type: 'string', value: 'N', description: 'With --task: seed of that draw (default 0).' },
  scoring: {
    type: 'string',
    value: 'generation|likelihood',
    description: 'With --task: find the answer in a generated text (default), or take the most probable choice.',
  },
  prompt: {
    type: 'string',
    value: 'chat|plain|alpaca',
    description: 'With --task: layout of the prompts (default: as the run’s rows, else chat).',
  },
  answers: { type: 'string', value: 'FILE', description: 'With --task: write every row’s answer there, as JSONL.' },
  base: { type: 'boolean', description: 'With --task, for a run: its base model.' },
};

/** Answers shown on a terminal, and the characters of each. */
const shown = 4;
const shownCharacters = 120;

/** `sara evaluate MODEL --task NAME`. */
export async function evaluateOnTask({ positionals, options, output, run }: CommandCall): Promise<void> {
  const request = validated(
    evaluateTaskRequestSchema,
    withoutUndefined({
      model: positionals[0],
      task: text(options, 'task'),
      data: text(options, 'data'),
      limit: number(options, 'limit'),
      seed: number(options, 'seed'),
      scoring: text(options, 'scoring'),
      prompt: text(options, 'prompt'),
      systemPrompt: text(options, 'system'),
      maxNewTokens: number(options, 'max-new-tokens'),
      batchSize: number(options, 'batch-size'),
      answers: text(options, 'answers'),
      base: flag(options, 'base'),
    }),
    { model: 'MODEL', task: '--task', limit: '--limit', seed: '--seed', scoring: '--scoring', prompt: '--prompt' },
  );
  const result = await run('evaluate.task', request, (event) =>
    output.progress(event.phase, event.total > 0 ? event.done / event.total : undefined),
  );
  if (output.json) output.value(result);
  else printResult(result, output);
}

function printResult(result: TaskResult, output: CommandOutput): void {
  const { accuracy, metrics, unanswered, contamination, settings } = result;
  output.line(`${result.title}, ${String(result.rows)} rows of ${result.data}`);
  if (accuracy !== undefined) {
    const interval = `${percent(accuracy.low)} to ${percent(accuracy.high)}`;
    output.line(
      `accuracy    ${percent(accuracy.value)} (${String(accuracy.correct)} of ${String(accuracy.total)}; 95 % interval ${interval})`,
    );
    output.line(`no answer   ${String(unanswered ?? 0)}`);
  }
  for (const [name, value] of Object.entries(metrics ?? {}))
    output.line(`${name.padEnd(11)} ${Number(value).toFixed(4)}`);
  output.line(`judged by   ${result.scoring}: ${result.rule}`);
  output.line(
    `decoding    greedy, at most ${String(settings.maxNewTokens)} tokens, ${settings.prompt} prompts, seed ${String(settings.seed)}`,
  );
  if (contamination !== undefined) output.line(`caution     ${contamination.note}`);
  if (result.answersFile !== undefined) output.line(`answers     ${result.answersFile}`);
  output.line('');
  output.line(table(['row', 'answer', 'wanted', 'text'], result.examples.slice(0, shown).map(exampleRow)));
}

function exampleRow({ row, answer, wanted, correct, text: answered }: TaskAnswer): string[] {
  const mark = correct === undefined ? '' : correct ? ' ✓' : ' ✗';
  return [String(row), `${answer ?? '–'}${mark}`, short(wanted[0] ?? ''), short(answered)];
}

function short(value: string): string {
  const line = value.replace(/\s+/gu, ' ').trim();
  return line.length <= shownCharacters ? line : `${line.slice(0, shownCharacters - 1)}…`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
