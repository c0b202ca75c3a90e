import { Notification } from 'electron';
import type { JobSummary } from '../contract/jobs.ts';
import type { Language } from '../contract/language.ts';
import { endNotice } from './endNotice.ts';
import { bringForward, mainWindow } from './mainWindow.ts';

/** Notices that are on the screen: one that is not held is collected, and its click is lost. */
const shown = new Set<Notification>();

/** Tells of the end of long work through the system, unless the person is looking at the window. */
export function notifyOfEnd(job: JobSummary, language: Language): void {
  if (mainWindow()?.isFocused() === true || !Notification.isSupported()) return;
  const text = endNotice(job, language);
  if (text === undefined) return;
  const notification = new Notification(text);
  shown.add(notification);
  notification.on('click', bringForward);
  notification.on('close', () => shown.delete(notification));
  notification.show();
}
