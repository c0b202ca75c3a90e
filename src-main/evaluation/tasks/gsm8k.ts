import { numberTask } from './numberTask.ts';

/** GSM8K (Cobbe et al. 2021): grade-school problems of several steps. */
export const gsm8k = numberTask('gsm8k');
