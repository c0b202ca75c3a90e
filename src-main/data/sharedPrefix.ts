import { commonPrefix } from '../util/commonPrefix.ts';
import type { TokenisedExample } from './tokenise.ts';

/** How many tokens, before any that carries loss, all examples begin with: those that every batch of them can share. */
export function sharedPrefixOf(examples: readonly Pick<TokenisedExample, 'ids' | 'loss'>[]): number {
  return commonPrefix(
    examples.map(({ ids, loss }) => {
      // A label stands one place before the token that carries loss.
      const firstLabel = loss.indexOf(1, 1) - 1;
      return firstLabel < 0 ? ids : ids.subarray(0, firstLabel);
    }),
  );
}
