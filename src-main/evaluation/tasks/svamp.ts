import { numberTask } from './numberTask.ts';

/** SVAMP (Patel, Bhattamishra and Goyal 2021): one-step problems, reworded so that patterns mislead. */
export const svamp = numberTask('svamp');
