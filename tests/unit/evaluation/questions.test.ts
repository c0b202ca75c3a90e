import { describe, expect, it } from 'vitest';
import { questionsOf } from '../../../src-main/evaluation/questions.ts';

describe('questionsOf', () => {
  it('asks each prompt once and gathers the answers of all its rows', () => {
    const questions = questionsOf(
      [
        { kind: 'prompt', row: 1, prompt: 'A', completion: 'one' },
        { kind: 'prompt', row: 2, prompt: 'B', completion: 'two', references: ['two', 'zwei'] },
        { kind: 'prompt', row: 3, prompt: 'A', completion: 'eins' },
        { kind: 'prompt', row: 4, prompt: 'A', completion: 'one' },
        { kind: 'text', row: 5, text: 'no question' },
      ],
      'Be short.',
    );
    expect(questions).toEqual([
      {
        messages: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'A' },
        ],
        references: ['one', 'eins'],
      },
      {
        messages: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'B' },
        ],
        references: ['two', 'zwei'],
      },
    ]);
  });

  it('asks for the last answer of a conversation', () => {
    const [question] = questionsOf(
      [
        {
          kind: 'messages',
          row: 1,
          messages: [
            { role: 'user', content: 'hi' },
            { role: 'assistant', content: 'hello' },
            { role: 'user', content: '2+2?' },
            { role: 'assistant', content: '4' },
          ],
        },
      ],
      undefined,
    );
    expect(question?.messages.map((message) => message.content)).toEqual(['hi', 'hello', '2+2?']);
    expect(question?.references).toEqual(['4']);
  });
});
