import { choiceTask } from './choiceTask.ts';

/** PIQA (Bisk et al. 2020): which of two ways reaches a goal. */
export const piqa = choiceTask('piqa', 'solution');
