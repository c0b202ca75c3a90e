import { dialog } from 'electron';
import type { WindowEvents } from '../contract/routes.ts';
import { jobTitle } from '../contract/jobTitle.ts';
import type { Language } from '../contract/language.ts';
import type { CloseDecision } from './closing.ts';
import { nativeTexts } from './nativeTexts.ts';

const answers = ['stay', 'stop-and-keep', 'quit'] as const satisfies CloseDecision[];

/** Asks what to do with running jobs in a box of the system, for a window that cannot ask itself. */
export function askNatively({ runningJobs }: WindowEvents['close.requested'], language: Language): CloseDecision {
  const texts = nativeTexts[language].close;
  const answer = dialog.showMessageBoxSync({
    type: 'question',
    message: texts.question,
    detail: runningJobs.map((job) => jobTitle(job, language)).join('\n'),
    buttons: [...texts.answers],
    defaultId: 0,
    cancelId: 0,
  });
  return answers[answer] ?? 'stay';
}
