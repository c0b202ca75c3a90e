import { choiceTask } from './choiceTask.ts';

/** ARC, easy set (Clark et al. 2018): science questions of school. */
export const arcEasy = choiceTask('arc-e', 'answer');
