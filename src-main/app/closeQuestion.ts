import { dialog } from 'electron';
import type { WindowEvents } from '../contract/routes.ts';
import type { CloseDecision } from './closing.ts';

const answers = ['stay', 'stop-and-keep', 'quit'] as const satisfies CloseDecision[];

/** Asks what to do with running jobs in a box of the system, for a window that cannot ask itself. */
export function askNatively({ runningJobs }: WindowEvents['close.requested']): CloseDecision {
  const answer = dialog.showMessageBoxSync({
    type: 'question',
    message: 'A task is still running.',
    detail: runningJobs.map((job) => job.title).join('\n'),
    buttons: ['Keep the app open', 'Stop training and keep it', 'Cancel and quit'],
    defaultId: 0,
    cancelId: 0,
  });
  return answers[answer] ?? 'stay';
}
