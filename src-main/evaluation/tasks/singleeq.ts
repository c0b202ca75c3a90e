import { partOfMawps } from './mawps.ts';
import { numberTask } from './numberTask.ts';

/** SingleEq (Koncel-Kedziorski et al. 2015): problems of one equation. */
export const singleeq = numberTask('singleeq', partOfMawps);
