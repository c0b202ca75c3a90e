import type { TaskName } from '../../contract/tasks.ts';
import { ownAnswer, RowFault, textIn, type AnswerTask, type RowValues } from './task.ts';

/** Two numbers nearer than this are the same answer, as in the scripts of LLM-Adapters. */
const tolerance = 1e-3;

// A minus sign belongs to the number only where nothing is subtracted; commas only between groups of three digits.
const number = String.raw`(?<![\d.])(?:(?<![\d)\]]\s*|\p{L})[-−])?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<!\d)\.\d+`;
const numbers = new RegExp(number, 'gu');
const stated = /\banswer\s*(?:is|=|:)/giu;

/** A mathematics task whose answers are single numbers. */
export function numberTask(name: TaskName, contamination?: string): AnswerTask {
  return {
    name,
    ...(contamination === undefined ? {} : { contamination }),
    kind: 'numbers',
    rule: 'The number after “####”, else after the last “answer is”, else the last number of the text; right within 0.001.',
    maxNewTokens: 300,
    read: readNumberRow,
    answerIn: (text) => numberIn(text),
    isRight: (answer, wanted) => Math.abs(Number(answer) - Number(wanted)) <= tolerance,
  };
}

/** The number that a text gives as its answer, without thousands separators. */
export function numberIn(text: string): string | undefined {
  const own = ownAnswer(text);
  const marked = own.split('####');
  if (marked.length > 1) {
    const found = numbersOf(marked[1] ?? '')[0];
    if (found !== undefined) return found;
  }
  const last = [...own.matchAll(stated)].at(-1);
  const after = last === undefined ? undefined : numbersOf(own.slice(last.index + last[0].length))[0];
  return after ?? numbersOf(own).at(-1);
}

function numbersOf(text: string): string[] {
  return (text.match(numbers) ?? []).map((each) => each.replaceAll(',', '').replace('−', '-'));
}

function readNumberRow(values: RowValues): ReturnType<AnswerTask['read']> {
  const prompt = textIn(values, Object.hasOwn(values, 'instruction') ? 'instruction' : 'question');
  const answer = values['answer'];
  const text = typeof answer === 'number' ? String(answer) : textIn(values, 'answer');
  const wanted = text.includes('####') ? numberIn(text) : text.replaceAll(',', '').trim();
  if (wanted === undefined || !Number.isFinite(Number(wanted))) throw new RowFault('its “answer” is not a number');
  return { prompt: prompt.trim(), wanted: [wanted] };
}
