import type { TaskName } from '../../contract/tasks.ts';
import { ownAnswer, RowFault, textIn, type AnswerTask, type RowValues } from './task.ts';

const offered = /Answer format:\s*(\S+(?:\s*\/\s*\S+)*)\s*$/iu;

/**
 * A multiple-choice task in the format of LLM-Adapters: the question ends in the names of the choices, such as
 * `Answer format: answer1/answer2`, and rows are answered by `the correct answer is answer2`.
 * @param label what every name begins with (`answer`), or all names there are (`true`, `false`)
 */
export function choiceTask(name: TaskName, label: string | readonly [string, string]): AnswerTask {
  const pattern = typeof label === 'string' ? `${label}\\s?\\d` : label.join('|');
  const names = typeof label === 'string' ? `${label}1/${label}2/…` : label.join('/');
  const isName = new RegExp(`^(?:${pattern})$`, 'u');
  const inText = new RegExp(`\\b(?:${pattern})\\b`, 'giu');
  return {
    name,
    kind: 'choices',
    rule: `The first of ${names} after “answer is”, else in the text.`,
    maxNewTokens: 32,
    read: (values) => readChoiceRow(values, isName, names),
    answerIn(text, { choices = [] }) {
      const own = ownAnswer(text);
      const stated = /\banswer is\b/iu.exec(own);
      const found = stated === null ? null : own.slice(stated.index + stated[0].length).match(inText);
      const first = (found ?? own.match(inText))?.[0].toLowerCase().replace(/\s/u, '');
      return first !== undefined && choices.includes(first) ? first : undefined;
    },
    isRight: (answer, wanted) => answer === wanted,
    statement: (choice) => `the correct answer is ${choice}`,
  };
}

function readChoiceRow(values: RowValues, isName: RegExp, names: string): ReturnType<AnswerTask['read']> {
  const prompt = textIn(values, 'instruction').trim();
  const choices = (offered.exec(prompt)?.[1] ?? '').split('/').map((choice) => choice.trim());
  if (choices.length < 2 || !choices.every((choice) => isName.test(choice))) {
    throw new RowFault(`its “instruction” does not end in “Answer format: ${names}”`);
  }
  const wanted = textIn(values, 'answer').trim();
  if (!choices.includes(wanted)) throw new RowFault(`its “answer” is “${wanted}”, not one of ${choices.join(', ')}`);
  return { prompt, wanted: [wanted], choices };
}
