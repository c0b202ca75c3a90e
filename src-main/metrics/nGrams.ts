/** How often each run of `order` words occurs. Words must not hold a space: the key is the words joined by one. */
export function countNGrams(words: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + order <= words.length; i += 1) {
    const nGram = words.slice(i, i + order).join(' ');
    counts.set(nGram, (counts.get(nGram) ?? 0) + 1);
  }
  return counts;
}

/** The highest count of each n-gram in any of the texts. */
export function mostIn(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const most = new Map<string, number>();
  for (const each of counts) for (const [key, count] of each) most.set(key, Math.max(count, most.get(key) ?? 0));
  return most;
}
