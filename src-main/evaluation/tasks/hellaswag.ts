import { choiceTask } from './choiceTask.ts';

/** HellaSwag (Zellers et al. 2019): how a scene goes on. */
export const hellaswag = choiceTask('hellaswag', 'ending');
