/** What a result was made of and with, as facts beside its pictures. */
import type { StudyResult } from '../../../src-main/contract/studies.ts';
import { dayAndTime, duration, fileName, fixed } from '../../text/format.ts';
import { t } from '../../text/text.svelte.ts';
import { shareText } from '../ranks/rankTexts.ts';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export function resultFacts(result: StudyResult): readonly Fact[] {
  const { settings, points } = result;
  const facts: Fact[] = [
    { label: t('study.modelOf'), value: result.models.map(({ name }) => name).join(', ') },
    { label: t('study.points'), value: String(points.total) },
    { label: t('study.seconds'), value: duration(result.seconds) },
    { label: t('study.createdAt'), value: dayAndTime(result.createdAt) },
  ];
  const threshold =
    'rule' in settings ? settings.rule.threshold : 'method' in settings ? settings.method.threshold : undefined;
  if (threshold !== undefined && result.study !== 'threshold' && result.study !== 'scaling') {
    facts.push({ label: 'm', value: shareText(threshold) });
  }
  if ('probe' in settings && settings.probe !== undefined) {
    facts.push(
      { label: t('study.dataOf'), value: fileName(settings.probe.data.path) },
      { label: t('study.set.steps'), value: String(settings.probe.steps) },
      { label: t('study.set.seeds'), value: 'seeds' in settings ? settings.seeds.join(', ') : '' },
    );
  }
  if (result.study === 'relation' && result.correlations) {
    const { spearman, pearson, kendall } = result.correlations;
    const all = [
      ['spearman', spearman],
      ['pearson', pearson],
      ['kendall', kendall],
    ] as const;
    for (const [name, one] of all) {
      facts.push({
        label: t(`study.correlation.${name}`),
        value: `${fixed(one.value, 2)} (${t('study.correlation.interval', { low: fixed(one.low, 2), high: fixed(one.high, 2) })})`,
      });
    }
  }
  return facts;
}
