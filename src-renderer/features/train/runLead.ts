/** One line about a run: method, size, rows. */
import type { MethodConfig } from '../../../src-main/contract/requests.schema.ts';
import type { RunLog } from '../../state/runLog.svelte.ts';
import { compactCount } from '../../text/format.ts';
import { t } from '../../text/text.svelte.ts';
import { shareText } from '../ranks/rankTexts.ts';

export function methodText(method: MethodConfig): string {
  switch (method.name) {
    case 'sara':
      return t('train.leadSara', { m: shareText(method.threshold) });
    case 'lora':
      return t('train.leadLora', { rank: method.rank });
    case 'pissa':
      return t('train.leadPissa', { rank: method.rank });
  }
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
