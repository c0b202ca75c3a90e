/** A comparison as Markdown to read, and as JSON lines to work on. Pure. */
import type { Comparison } from '../../../src-main/contract/comparison.schema.ts';

export interface ComparisonWords {
  readonly title: string;
  readonly expected: string;
  readonly up: string;
  readonly down: string;
  readonly note: string;
}

/** Every question with the answers under it, ratings and notes among them. */
export function comparisonMarkdown(comparison: Comparison, words: ComparisonWords): string {
  const { columns, options, systemPrompt, turns } = comparison;
  const settings = [
    `temperature ${options.temperature}`,
    `top-p ${options.topP}`,
    `max tokens ${options.maxNewTokens}`,
    `seed ${options.seed}`,
    ...(options.stop.length > 0 ? [`stop ${options.stop.map((text) => JSON.stringify(text)).join(', ')}`] : []),
  ];
  const lines = [
    `# ${words.title}`,
    '',
    comparison.savedAt,
    '',
    ...columns.map(({ name, target }) => `- **${name}**: \`${target}\``),
    `- ${settings.join(', ')}`,
    ...(systemPrompt === '' ? [] : ['', quoted(systemPrompt)]),
  ];
  for (const turn of turns) {
    lines.push('', `## ${oneLine(turn.question)}`, '', quoted(turn.question));
    if (turn.expected !== undefined) lines.push('', `### ${words.expected}`, '', turn.expected);
    for (const [i, answer] of turn.answers.entries()) {
      if (answer === null) continue;
      const rating = answer.rating === undefined ? '' : ` (${words[answer.rating]})`;
      lines.push('', `### ${columns[i]?.name ?? ''}${rating}`, '', answer.error ?? answer.text);
      if (answer.note !== undefined) lines.push('', `*${words.note}: ${oneLine(answer.note)}*`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** One object a line for every answer, with all that decided it. */
export function comparisonJsonLines(comparison: Comparison): string {
  const { columns, options, systemPrompt, turns } = comparison;
  const lines = turns.flatMap(({ question, expected, messages, answers }, turn) =>
    answers.flatMap((answer, i) => {
      const column = columns[i];
      if (answer === null || column === undefined) return [];
      const { text, ...rest } = answer;
      return JSON.stringify({
        ...{
          turn: turn + 1,
          question,
          messages,
          expected,
          column: column.name,
          target: column.target,
          use: column.use,
        },
        ...{ answer: text, ...rest, ...options, systemPrompt: systemPrompt === '' ? undefined : systemPrompt },
      });
    }),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 117)}…` : line;
}
