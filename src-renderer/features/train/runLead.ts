/** One line about a run: method, size, rows. */
import type { MethodConfig } from '../../../src-main/contract/requests.schema.ts';
import { choiceOf } from '../../state/methodChoices.ts';
import { ruleOf } from '../../state/rankRule.ts';
import type { RunLog } from '../../state/runLog.svelte.ts';
import { compactCount } from '../../text/format.ts';
import { t } from '../../text/text.svelte.ts';
import { shareText } from '../ranks/rankTexts.ts';

export function methodText(config: MethodConfig): string {
  const method = t(`method.${choiceOf(config)}`);
  const rule = ruleOf(config);
  if (rule !== undefined) return t('method.lead.threshold', { method, m: shareText(rule.threshold) });
  return 'rank' in config ? t('method.lead.rank', { method, rank: config.rank }) : method;
}

export function runLead(method: MethodConfig | undefined, log: RunLog): string {
  if (method === undefined) return '';
  if (log.start === undefined) return methodText(method);
  return t('train.leadRun', {
    method: methodText(method),
    trainable: compactCount(log.start.trainable),
    rows: t('common.rows', { count: log.start.trainRows }),
  });
}
