import { choiceTask } from './choiceTask.ts';

/** ARC, challenge set (Clark et al. 2018): those that word statistics get wrong. */
export const arcChallenge = choiceTask('arc-c', 'answer');
