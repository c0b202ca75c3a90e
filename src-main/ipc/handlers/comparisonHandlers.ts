import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

type Routes = 'comparisons.list' | 'comparisons.open' | 'comparisons.save' | 'comparisons.delete';

/** Conversations that are kept, with what the person thinks of the answers. */
export function comparisonHandlers({ workspace, grant }: Services): Pick<Handlers, Routes> {
  const { comparisons } = workspace;
  return {
    'comparisons.list': async () => comparisons.list(),
    'comparisons.open': async ({ id }) => {
      const comparison = await comparisons.open(id);
      for (const { target } of comparison.columns) await grant(target);
      return comparison;
    },
    'comparisons.save': async ({ id, comparison }) => {
      await comparisons.save(id, comparison);
      return { saved: true };
    },
    'comparisons.delete': async ({ id }) => {
      await comparisons.delete(id);
      return { deleted: true };
    },
  };
}
