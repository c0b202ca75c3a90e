import type { JobSummary } from '../contract/jobs.ts';
import type { QueueState } from '../contract/queue.ts';
import { overallProgress } from '../jobs/overallProgress.ts';
import { mainWindow } from './mainWindow.ts';

/** Shows on the icon of the app how far its work is; nothing while nothing works. */
export function showProgress(jobs: readonly JobSummary[], queue: QueueState): void {
  const window = mainWindow();
  if (window === undefined || window.isDestroyed()) return;
  const progress = overallProgress(jobs, queue);
  if (progress === undefined) return window.setProgressBar(-1);
  // Above 1 the bar moves without end, for work of unknown length.
  window.setProgressBar(progress.fraction ?? 2, { mode: progress.paused ? 'paused' : 'normal' });
}
