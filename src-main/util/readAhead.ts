/**
 * The results of `read(0)`, `read(1)`, …, each handed out while the next one is under way.
 * @param count of results
 */
export async function* readAhead<T>(count: number, read: (index: number) => Promise<T>): AsyncGenerator<T, void> {
  const start = (index: number): Promise<T> | undefined => {
    if (index >= count) return undefined;
    const result = read(index);
    // It is awaited one result later; until then its failure must not count as unhandled.
    result.catch(() => undefined);
    return result;
  };
  let next = start(0);
  try {
    for (let index = 1; next !== undefined; index += 1) {
      const current: T = await next;
      next = start(index);
      yield current;
    }
  } finally {
    // Whoever stops in between closes the source next.
    await next?.catch(() => undefined);
  }
}
