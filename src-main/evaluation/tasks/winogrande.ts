import { choiceTask } from './choiceTask.ts';

/** WinoGrande (Sakaguchi et al. 2020): whom or what a blank stands for. */
export const winogrande = choiceTask('winogrande', 'option');
