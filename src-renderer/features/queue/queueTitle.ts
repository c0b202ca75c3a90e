import type { QueueEntry } from '../../../src-main/contract/queue.schema.ts';
import { fileName } from '../../text/format.ts';
import { t } from '../../text/text.svelte.ts';
import { methodText } from '../train/runLead.ts';

/** What a training of the queue is, in a line. */
export function queueTitle({ request, group }: QueueEntry): string {
  const title =
    request.kind === 'train.resume'
      ? t('queue.resume', { name: fileName(request.input.run) })
      : t('queue.train', {
          method: methodText(request.input.config.method),
          model: fileName(request.input.config.model),
          data: fileName(request.input.config.data.path),
        });
  const steps = request.kind === 'train.run' ? request.input.config.steps : undefined;
  const length = steps === undefined ? [] : [t('common.steps', { count: steps })];
  return [...(group === undefined ? [] : [group.name]), title, ...length].join(' · ');
}
