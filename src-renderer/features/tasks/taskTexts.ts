/** What the result of a task means, in words. */
import type { Accuracy, TaskName, TextMetrics } from '../../../src-main/contract/tasks.ts';
import { taskFacts } from '../../../src-main/contract/tasks.ts';
import type { SideResult } from '../../state/tasks.svelte.ts';
import { percent } from '../../text/format.ts';
import { t, type PlainKey } from '../../text/text.svelte.ts';

/** How the metrics of texts are written: name and decimals. */
export const metricColumns = [
  ['bleu', 'BLEU', 2],
  ['nist', 'NIST', 2],
  ['meteor', 'METEOR', 3],
  ['rouge-l', 'ROUGE-L', 3],
  ['cider', 'CIDEr', 2],
] as const satisfies readonly (readonly [keyof TextMetrics, string, number])[];

/** How the rows of a task must look. */
export function formatKey(task: TaskName): PlainKey {
  return task === 'aqua' ? 'tasks.format.aqua' : `tasks.format.${taskFacts[task].kind}`;
}

/** One sentence: how far the result can be trusted, and whether training has changed it. */
export function meaningOf(results: readonly SideResult[]): string {
  const of = (side: SideResult['side']): Accuracy | undefined =>
    results.find((one) => one.side === side)?.result.accuracy;
  const tuned = of('tuned');
  const base = of('base');
  const only = tuned ?? base;
  if (only === undefined) return t('tasks.means.text');
  if (tuned === undefined || base === undefined) {
    return t('tasks.means.one', { share: percent(only.value), low: percent(only.low), high: percent(only.high) });
  }
  const shares = { tuned: percent(tuned.value), base: percent(base.value) };
  if (tuned.low > base.high) return t('tasks.means.better', shares);
  return t(tuned.high < base.low ? 'tasks.means.worse' : 'tasks.means.unclear', shares);
}
