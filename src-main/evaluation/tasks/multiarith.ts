import { partOfMawps } from './mawps.ts';
import { numberTask } from './numberTask.ts';

/** MultiArith (Roy and Roth 2015): several operations. */
export const multiarith = numberTask('multiarith', partOfMawps);
