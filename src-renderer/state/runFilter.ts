/** Which runs a list shows, and in which order. Pure. */
import type { RunSummary } from '../../src-main/contract/routes.ts';
import { fileName } from '../text/format.ts';
import { choiceOf, type MethodId } from './methodChoices.ts';

export const sortKeys = ['name', 'model', 'method', 'trainable', 'loss', 'date'] as const;
export type SortKey = (typeof sortKeys)[number];
export const spans = ['any', 'day', 'week', 'month'] as const;
export type Span = (typeof spans)[number];

export interface RunFilter {
  /** Words that each must be found in name, folder, model, data, method, tags or note. */
  readonly search: string;
  readonly method: MethodId | 'any';
  /** Name of the model; empty for any. */
  readonly model: string;
  /** A tag; empty for any. */
  readonly tag: string;
  /** Changed within the last day, seven or thirty days. */
  readonly span: Span;
  readonly sort: SortKey;
  readonly descending: boolean;
}

export const noFilter: RunFilter = {
  search: '',
  method: 'any',
  model: '',
  tag: '',
  span: 'any',
  sort: 'date',
  descending: true,
};

const days: Readonly<Record<Exclude<Span, 'any'>, number>> = { day: 1, week: 7, month: 30 };

/** The runs that the filter lets through, sorted. `now` in milliseconds since 1970. */
export function filteredRuns(runs: readonly RunSummary[], filter: RunFilter, now: number): readonly RunSummary[] {
  const words = filter.search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const since = filter.span === 'any' ? -Infinity : now - days[filter.span] * 86_400_000;
  const found = runs.filter(
    ({ record, notes, path }) =>
      (filter.method === 'any' || choiceOf(record.config.method) === filter.method) &&
      (filter.model === '' || record.model.name === filter.model) &&
      (filter.tag === '' || notes.tags.includes(filter.tag)) &&
      Date.parse(record.updatedAt) >= since &&
      (words.length === 0 || holdsAll({ record, notes, path }, words)),
  );
  const direction = filter.descending ? -1 : 1;
  return found.sort((a, b) => {
    const [left, right] = [valueOf(a, filter.sort), valueOf(b, filter.sort)];
    // What has no value comes last, whichever way is up.
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    return direction * (typeof left === 'string' ? left.localeCompare(String(right)) : left - Number(right));
  });
}

/** All tags in use, and names of models, each once and in order. */
export function choicesOf(runs: readonly RunSummary[]): { readonly tags: string[]; readonly models: string[] } {
  const sorted = (values: readonly string[]): string[] => [...new Set(values)].sort((a, b) => a.localeCompare(b));
  return {
    tags: sorted(runs.flatMap(({ notes }) => notes.tags)),
    models: sorted(runs.map(({ record }) => record.model.name)),
  };
}

function holdsAll({ path, record, notes }: RunSummary, words: readonly string[]): boolean {
  const { name, model, config } = record;
  const text = [name, fileName(path), model.name, config.data.path, choiceOf(config.method), ...notes.tags, notes.note]
    .join('\n')
    .toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

function valueOf({ record }: RunSummary, key: SortKey): string | number | undefined {
  switch (key) {
    case 'name':
      return record.name;
    case 'model':
      return record.model.name;
    case 'method':
      return choiceOf(record.config.method);
    case 'trainable':
      return record.trainable;
    case 'loss':
      return record.best?.loss;
    case 'date':
      return record.updatedAt;
  }
}
