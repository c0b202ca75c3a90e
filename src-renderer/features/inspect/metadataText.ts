/** Longest value that is shown whole at once; chat templates have thousands of characters. */
const shown = 80;

export interface MetadataText {
  readonly start: string;
  /** What comes after, shown on request; empty for short values. */
  readonly rest: string;
}

/** A value of a file's metadata in words: lists with their length and first items, as the engine gives them. */
export function metadataText(value: unknown): MetadataText {
  const text = wordsOf(value);
  return { start: text.slice(0, shown), rest: text.slice(shown) };
}

function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'length' in value && 'first' in value) {
    const first = Array.isArray(value.first) ? value.first : [];
    const items = first.map((item: unknown) => JSON.stringify(item)).join(', ');
    return `${String(value.length)} items: ${items}${Number(value.length) > first.length ? ', …' : ''}`;
  }
  return JSON.stringify(value);
}
