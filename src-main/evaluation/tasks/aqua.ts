import { ownAnswer, RowFault, textIn, type AnswerTask } from './task.ts';

const letters = ['A', 'B', 'C', 'D', 'E'] as const;
const offersFive = /Answer Choices:.*\(A\).*\(E\)/su;

/** AQuA-RAT (Ling et al. 2017): problems with five choices, answered by a worked solution and a letter. */
export const aqua: AnswerTask = {
  name: 'aqua',
  kind: 'choices',
  rule: 'The letter after the last “answer is”, else the last letter in brackets, else a letter that begins or is the whole text.',
  maxNewTokens: 300,
  read(values) {
    const prompt = textIn(values, 'instruction').trim();
    if (!offersFive.test(prompt)) throw new RowFault('its “instruction” has no “Answer Choices: (A) … (E) …”');
    const wanted = textIn(values, 'answer').trim();
    if (!letters.some((letter) => letter === wanted)) throw new RowFault('its “answer” is not a letter from A to E');
    return { prompt, wanted: [wanted], choices: letters };
  },
  answerIn(text) {
    const own = ownAnswer(text).trim();
    const stated = [...own.matchAll(/\banswer\s*(?:is|:)\s*(?:option\s+)?\(?([A-E])\b/giu)].at(-1);
    const bracketed = [...own.matchAll(/\(([A-E])\)/gu)].at(-1);
    return (stated ?? bracketed ?? /^([A-E])(?:[).:]|$)/u.exec(own))?.[1]?.toUpperCase();
  },
  isRight: (answer, wanted) => answer === wanted,
};
