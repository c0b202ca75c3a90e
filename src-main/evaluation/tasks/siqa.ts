import { choiceTask } from './choiceTask.ts';

/** Social IQA (Sap et al. 2019): what people want, feel or do next. */
export const siqa = choiceTask('siqa', 'answer');
