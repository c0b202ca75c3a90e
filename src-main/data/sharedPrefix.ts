import type { TokenisedExample } from './tokenise.ts';

/** How many tokens, before any that carries loss, all examples begin with: those that every batch of them can share. */
export function sharedPrefixOf(examples: readonly Pick<TokenisedExample, 'ids' | 'loss'>[]): number {
  const [first] = examples;
  if (first === undefined) return 0;
  let shared = first.ids.length;
  for (const { ids, loss } of examples) {
    // A label stands one place before the token that carries loss.
    const firstLabel = loss.indexOf(1, 1) - 1;
    const limit = Math.min(shared, ids.length, firstLabel < 0 ? Infinity : firstLabel);
    shared = 0;
    while (shared < limit && ids[shared] === first.ids[shared]) shared += 1;
  }
  return shared;
}
