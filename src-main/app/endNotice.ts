/** What the system is asked to tell at the end of long work. */
import type { JobKind, JobSummary } from '../contract/jobs.ts';
import { jobTitle } from '../contract/jobTitle.ts';
import type { Language } from '../contract/language.ts';
import { nativeTexts, type NativeTexts } from './nativeTexts.ts';

export interface EndNotice {
  readonly title: string;
  readonly body: string;
}

type Work = keyof NativeTexts['ended']['done'];

/** Work that a person may well leave alone meanwhile. */
const told: { readonly [K in JobKind]?: Work } = {
  'train.run': 'training',
  'train.resume': 'training',
  'sweep.run': 'sweep',
  'sweep.runOn': 'sweep',
  'study.run': 'study',
  'export.run': 'export',
  'model.fetchSample': 'other',
  'analysis.run': 'other',
  'publish.run': 'other',
};

/** What to tell of a job that has just changed its state; nothing while it works, or when the person ended it. */
export function endNotice(job: JobSummary, language: Language): EndNotice | undefined {
  const work = told[job.kind];
  if (work === undefined || (job.state !== 'done' && job.state !== 'failed')) return undefined;
  const title = nativeTexts[language].ended[job.state][work];
  const name = jobTitle(job, language);
  return { title, body: job.error === undefined ? name : `${name}\n${job.error.message}` };
}
