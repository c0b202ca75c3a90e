import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verdicts, rungsOf, type HalvingTrial, type Verdict } from '../../../src-main/sweeps/halving.ts';

const halving = { grace: 2, reduction: 2 };
const totalSteps = 17;
const rungs = rungsOf(halving, totalSteps);

/** Losses at all rungs of some trials, few different values so that ties occur. */
const lossTable = fc.array(
  fc.array(fc.integer({ min: 0, max: 6 }), { minLength: rungs.length, maxLength: rungs.length }),
  {
    minLength: 1,
    maxLength: 12,
  },
);

function trialAt(losses: readonly number[], reached: number, final: boolean): HalvingTrial {
  const evaluations = rungs.slice(0, reached).map((step, i) => ({ step, loss: losses[i] ?? 0 }));
  return { evaluations, final, totalSteps };
}

/** One worker: each trial runs until it is stopped or done before the next begins. */
function oneAfterTheOther(table: readonly (readonly number[])[]): Verdict[] {
  const done: HalvingTrial[] = [];
  const found: Verdict[] = [];
  for (const losses of table) {
    let reached = 0;
    let verdict: Verdict = { kind: 'on' };
    while (reached < rungs.length && verdict.kind === 'on') {
      reached += 1;
      verdict = verdicts([...done, trialAt(losses, reached, false)], halving).at(-1) ?? { kind: 'on' };
      if (verdict.kind === 'open' && reached < rungs.length) verdict = { kind: 'on' };
    }
    done.push(trialAt(losses, reached, true));
    found.push(verdict.kind === 'open' ? { kind: 'on' } : verdict);
  }
  return found;
}

test('rungs grow by the reduction and end before the last step', () => {
  expect(rungs).toEqual([2, 4, 8, 16]);
  expect(rungsOf({ grace: 20, reduction: 3 }, 20)).toEqual([]);
});

// Bug: who is stopped depends on which worker was faster, so two runs of one sweep give different tables.
test('however many workers there are and whoever is faster, the same trials are stopped at the same rungs', () => {
  fc.assert(
    fc.property(lossTable, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), (table, order) => {
      const expected = oneAfterTheOther(table);
      const reached = table.map(() => 0);
      for (const pick of order) {
        const now = verdicts(
          table.map((losses, i) => trialAt(losses, reached[i] ?? 0, reached[i] === rungs.length)),
          halving,
        );
        // A verdict once given is never taken back.
        now.forEach((verdict, i) => {
          if (verdict.kind === 'stop') expect(verdict).toEqual(expected[i]);
        });
        const running = table.flatMap((_, i) =>
          now[i]?.kind !== 'stop' && (reached[i] ?? 0) < rungs.length ? [i] : [],
        );
        const next = running[pick % Math.max(1, running.length)];
        if (next !== undefined) reached[next] = (reached[next] ?? 0) + 1;
      }
      const end = verdicts(
        table.map((losses) => trialAt(losses, rungs.length, true)),
        halving,
      );
      expect(end).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test('the first trial always goes on, and a better one is never stopped before a worse one', () => {
  fc.assert(
    fc.property(lossTable, (table) => {
      const found = verdicts(
        table.map((losses) => trialAt(losses, rungs.length, true)),
        halving,
      );
      expect(found[0]).toEqual({ kind: 'on' });
      const least = Math.min(...table.map((losses) => Math.min(...losses)));
      table.forEach((losses, i) => {
        if (losses.every((loss) => loss === least)) expect(found[i]).toEqual({ kind: 'on' });
      });
    }),
  );
});
