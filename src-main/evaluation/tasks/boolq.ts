import { choiceTask } from './choiceTask.ts';

/** BoolQ (Clark et al. 2019): yes/no questions that people asked, without the passage. */
export const boolq = choiceTask('boolq', ['true', 'false']);
