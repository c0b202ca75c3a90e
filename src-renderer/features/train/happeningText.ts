/** Events of a run in words. */
import type { Happening } from '../../state/runLog.svelte.ts';
import { fixed } from '../../text/format.ts';
import { t } from '../../text/text.svelte.ts';

export function happeningText(event: Happening): string {
  switch (event.event) {
    case 'start':
      return event.fromStep > 0
        ? t('train.event.resumed', { step: event.fromStep })
        : [
            t('train.event.start', { rows: event.trainRows, held: event.validationRows }),
            ...(event.skippedRows.length > 0 ? [t('train.event.skipped', { count: event.skippedRows.length })] : []),
          ].join('; ');
    case 'eval': {
      const values = { step: event.step, loss: fixed(event.loss) };
      if (event.step === 0) return t('train.event.evalBase', { loss: values.loss });
      return event.best ? t('train.event.evalBest', values) : t('train.event.eval', values);
    }
    case 'checkpoint':
      return t('train.event.checkpoint', { step: event.step });
    case 'paused':
      return t('train.event.paused', { step: event.step });
    case 'continued':
      return t('train.event.continued', { step: event.step });
    case 'note':
      return event.step === 0 ? event.text : t('train.event.note', { step: event.step, text: event.text });
    case 'done': {
      const values = { steps: event.steps, best: event.bestStep };
      return event.stoppedEarly ? t('train.event.doneEarly', values) : t('train.event.done', values);
    }
  }
}
