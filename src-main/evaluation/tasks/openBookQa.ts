import { choiceTask } from './choiceTask.ts';

/** OpenBookQA (Mihaylov et al. 2018): science facts put to use. */
export const openBookQa = choiceTask('obqa', 'answer');
