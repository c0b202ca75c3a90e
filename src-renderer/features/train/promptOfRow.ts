/** The question of a data row, to be asked as a sample. Pure. */
import type { ColumnMapping } from '../../../src-main/contract/data.ts';

/** Columns that hold a question in the layouts the engine knows, the commonest first. */
const questionColumns = ['prompt', 'question', 'mr', 'input', 'source'] as const;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * @param raw the row as JSON
 * @returns undefined when the row has no question, as plain text has none
 */
export function promptOfRow(raw: string, mapping?: ColumnMapping): string | undefined {
  let row: unknown;
  try {
    row = JSON.parse(raw);
  } catch {
    return undefined;
  }
  if (!isRecord(row)) return undefined;
  if (mapping) return mapping.prompt === undefined ? undefined : textOf(row[mapping.prompt]);
  const instruction = textOf(row['instruction']);
  if (instruction !== undefined) {
    const input = textOf(row['input']);
    return input === undefined ? instruction : `${instruction} ${input}`;
  }
  const messages: unknown = row['messages'] ?? row['conversations'];
  if (Array.isArray(messages)) {
    const asked = messages.filter(isRecord).find((m) => m['role'] === 'user' || m['from'] === 'human');
    return textOf(asked?.['content'] ?? asked?.['value']);
  }
  for (const column of questionColumns) {
    const question = textOf(row[column]);
    if (question !== undefined) return question;
  }
  return undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
