import type { ChatColumn } from '../../state/chat.svelte.ts';
import { fileName } from '../../text/format.ts';
import { t } from '../../text/text.svelte.ts';

/** What stands over each column: short where all are of one run, with the run’s or model’s name otherwise. */
export function columnNames(columns: readonly ChatColumn[]): readonly string[] {
  const oneTarget = new Set(columns.map(({ target }) => target)).size === 1;
  return columns.map(({ target, use }) => {
    if (use === 'model') return columns.length === 1 ? t('chat.side.model') : fileName(target);
    const name = useName(use);
    return oneTarget ? name : `${name} · ${fileName(target)}`;
  });
}

function useName(use: Exclude<ChatColumn['use'], 'model'>): string {
  if (typeof use === 'number') return t('chat.use.step', { step: use });
  return use === 'best' ? t('chat.side.tuned') : t(`chat.use.${use}`);
}
