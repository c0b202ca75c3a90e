/** Answers in texts that models really write, and rows as the public files have them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { taskFacts, taskNames, type TaskName } from '../../../src-main/contract/tasks.ts';
import { contaminationOf } from '../../../src-main/evaluation/tasks/contamination.ts';
import { numberIn } from '../../../src-main/evaluation/tasks/numberTask.ts';
import { readTaskRows } from '../../../src-main/evaluation/tasks/readTaskRows.ts';
import { tasks } from '../../../src-main/evaluation/tasks/registry.ts';
import type { AnswerTask } from '../../../src-main/evaluation/tasks/task.ts';

const { signal } = new AbortController();
const { rows } = JSON.parse(readFileSync(path.join(import.meta.dirname, 'taskRows.json'), 'utf8')) as {
  readonly rows: Readonly<Record<string, readonly { readonly instruction: string; readonly answer: string }[]>>;
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sara-tasks-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fileOf(name: string, content: unknown): string {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

function answerTask(name: TaskName): AnswerTask {
  const task = tasks[name];
  if (task.kind === 'text') throw new Error(`${name} has no answers`);
  return task;
}

describe('numbers', () => {
  test.each([
    ['The total is 5 * 3 = 15. The answer is 15.', '15'],
    ['So she pays $1,234.50 in all.', '1234.50'],
    ['#### 42', '42'],
    ['He has 3 left.\n#### 1,000\nCheck: 7 + 8', '1000'],
    ['16 - 7 = 9', '9'],
    ['That leaves 10-3', '3'],
    ['The change was -5 degrees', '-5'],
    ['It fell to −12.', '-12'],
    ['The answer is: 0.875 inch', '0.875'],
    ['the answer is .5', '.5'],
    ['Answer: $18 of the 20', '18'],
    ['The answer is 7, since 3 + 4 = 7 and 100 is too much', '7'],
    ['First the answer is 3. No: the answer is 4.', '4'],
    ['He scored 1,2 and 3', '3'],
    ['The answer is 72.\n\n### Instruction:\nWhat is 5 + 5?', '72'],
    ['9\nQ: What about 4?', '9'],
    ['It takes 3.14.', '3.14'],
    ['In 2024,100 people and 25', '25'],
    ['x2 costs 15% more', '15'],
    ['the answer is unknown, of 6 eggs', '6'],
  ])('%j gives %s', (text, number) => {
    expect(numberIn(text)).toBe(number);
  });

  test.each(['', 'I do not know.', 'five', '####'])('%j gives none', (text) => {
    expect(numberIn(text)).toBeUndefined();
  });

  test('numbers are equal within 0.001, however they are written', () => {
    const { isRight } = answerTask('svamp');
    expect([
      isRight('72', '72.0'),
      isRight('0.8889', '0.8888888'),
      isRight('0.9', '0.88'),
      isRight('.5', '0.5'),
    ]).toEqual([true, true, false, true]);
  });
});

describe('choices', () => {
  const choices = ['answer1', 'answer2', 'answer3', 'answer4'];
  test.each([
    ['the correct answer is answer2', 'answer2'],
    ['answer1 looks right, but the correct answer is answer3', 'answer3'],
    ['The Correct Answer is Answer 4.', 'answer4'],
    ['answer2', 'answer2'],
    ['the correct answer is answer1\n### Instruction: answer4', 'answer1'],
    ['answer5', undefined],
    ['answer12', undefined],
    ['the second one', undefined],
    ['', undefined],
  ])('%j gives %s', (text, answer) => {
    expect(answerTask('arc-e').answerIn(text, { choices })).toBe(answer);
  });

  test('true and false are words, not parts of words', () => {
    const { answerIn } = answerTask('boolq');
    const own = { choices: ['true', 'false'] };
    expect(['That is untrue: False.', 'TRUE', 'truely'].map((text) => answerIn(text, own))).toEqual([
      'false',
      'true',
      undefined,
    ]);
  });

  test.each([
    ['Rationale: so A and B meet. The answer is (D).', 'D'],
    ['The answer is option c', 'C'],
    ['answer: B', 'B'],
    ['A man walks 5 km. It is (E)', 'E'],
    ['B) 12', 'B'],
    ['C', 'C'],
    ['A man walks', undefined],
    ['The answer is 12', undefined],
  ])('AQuA: %j gives %s', (text, letter) => {
    expect(answerTask('aqua').answerIn(text, {})).toBe(letter);
  });
});

describe('rows', () => {
  test.each(Object.entries(rows))('two real rows of %s are read', async (name, own) => {
    const task = answerTask(name as TaskName);
    const read = await readTaskRows(fileOf(`${name}.json`, own), task, signal);
    expect(read.map((row) => row.row)).toEqual([1, 2]);
    for (const [i, row] of read.entries()) {
      expect(row.prompt).toBe(own[i]?.instruction.trim());
      expect(task.isRight(own[i]?.answer ?? '', row.wanted[0] ?? ''), `${name} ${String(i)}`).toBe(true);
    }
  });

  test('HellaSwag rows are read in the same format', async () => {
    const row = {
      instruction:
        'Please choose the correct ending to complete the given sentence: A dog\n\nEnding1: runs. Ending2: flies. Ending3: sings. Ending4: reads.\n\nAnswer format: ending1/ending2/ending3/ending4',
      answer: 'ending1',
    };
    const [read] = await readTaskRows(fileOf('hellaswag.json', [row]), tasks.hellaswag, signal);
    expect(read?.choices).toEqual(['ending1', 'ending2', 'ending3', 'ending4']);
  });

  test('GSM8K is read in its own form too: the number after ####', async () => {
    const own = [{ question: 'How many?', answer: 'He has <<2*600=1200>>1200.\n#### 1,200' }];
    expect(await readTaskRows(fileOf('own.json', own), tasks.gsm8k, signal)).toEqual([
      { row: 1, prompt: 'How many?', wanted: ['1200'] },
    ]);
  });

  test('rows of one meaning are one E2E question with all its references', async () => {
    const own = [
      { mr: 'name[A]', ref: 'A is here.' },
      { mr: 'name[B]', refs: ['B one.', 'B two.'] },
      { mr: 'name[A]', ref: 'Here is A.' },
      { mr: 'name[A]', ref: 'A is here.' },
    ];
    expect(await readTaskRows(fileOf('e2e.json', own), tasks.e2e, signal)).toEqual([
      { row: 1, prompt: 'name[A]', wanted: ['A is here.', 'Here is A.'] },
      { row: 2, prompt: 'name[B]', wanted: ['B one.', 'B two.'] },
    ]);
  });

  // Would catch: a score over rows of another task, which would look like a result.
  test.each([
    ['boolq', rows['piqa'], 'Answer format: true/false'],
    ['piqa', rows['boolq'], 'Row 1'],
    ['gsm8k', rows['boolq'], '“answer” is not a number'],
    ['aqua', rows['gsm8k'], 'Answer Choices'],
    ['e2e', rows['gsm8k'], 'it has no “mr”'],
    ['boolq', [], 'no rows'],
  ] as const)('%s refuses rows of another kind', async (name, own, words) => {
    const file = fileOf('other.json', own);
    await expect(readTaskRows(file, tasks[name], signal)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining(words) as string,
    });
  });

  test('every sample that is said to come with the app is there and is read', async () => {
    const samples = path.join(import.meta.dirname, '../../../resources/samples');
    for (const name of taskNames) {
      const { sample } = taskFacts[name];
      if (sample === undefined) continue;
      const read = await readTaskRows(path.join(samples, sample), tasks[name], signal);
      expect(read.length, name).toBeGreaterThanOrEqual(name === 'e2e' ? 20 : 50);
      expect(tasks[name].kind).toBe(taskFacts[name].kind);
    }
  });
});

describe('contamination', () => {
  const own = [
    { row: 1, prompt: 'How many eggs ?', wanted: ['3'] },
    { row: 2, prompt: 'How many hens?', wanted: ['2'] },
  ];

  test('questions that a run was trained on are counted, typing aside', () => {
    const trained = { file: '/data/math_data.json', prompts: ['how many  eggs?', 'What?'] };
    const found = contaminationOf(tasks.svamp, own, trained);
    expect(found?.rowsSeen).toBe(1);
    expect(found?.note).toContain('SVAMP is contaminated: 1 of the 2 questions are among the rows of math_data.json');
  });

  test('parts of MAWPS are named even where nothing is known of the training', () => {
    expect(contaminationOf(tasks.addsub, own, undefined)?.note).toContain('math_10k.json');
    expect(contaminationOf(tasks.svamp, own, undefined)).toBeUndefined();
  });

  test('a clean run is told so, and a clean task says nothing', () => {
    const trained = { file: '/data/mine.jsonl', prompts: ['What?'] };
    expect(contaminationOf(tasks.multiarith, own, trained)).toMatchObject({ rowsSeen: 0 });
    expect(contaminationOf(tasks.gsm8k, own, trained)).toBeUndefined();
  });
});
