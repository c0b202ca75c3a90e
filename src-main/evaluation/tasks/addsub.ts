import { partOfMawps } from './mawps.ts';
import { numberTask } from './numberTask.ts';

/** AddSub (Hosseini et al. 2014): additions and subtractions. */
export const addsub = numberTask('addsub', partOfMawps);
