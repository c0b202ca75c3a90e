import { expect, test } from 'vitest';
import { comparisonSchema } from '../../../../src-main/contract/comparison.schema.ts';
import { comparisonJsonLines, comparisonMarkdown } from '../../../../src-renderer/features/chat/comparisonText.ts';

const comparison = comparisonSchema.parse({
  name: 'name: The Punter',
  savedAt: '2026-03-01T10:00:00.000Z',
  columns: [
    { target: '/runs/a', use: 'base', name: 'Base' },
    { target: '/runs/a', use: 8, name: 'Step 8' },
  ],
  options: { temperature: 0.5, topP: 0.9, maxNewTokens: 64, stop: ['\n\n'], seed: 3 },
  systemPrompt: 'Be brief.',
  turns: [
    {
      question: 'name: The Punter\nfood: Chinese',
      expected: 'The Punter serves Chinese food.',
      answers: [
        { text: 'A pub.', state: 'done', ended: 'length', rating: 'down' },
        { text: 'The Punter is Chinese.', state: 'done', rating: 'up', note: 'Nearly.' },
      ],
    },
    { question: 'And now?', answers: [{ text: '', state: 'failed', error: 'There is not enough memory.' }, null] },
  ],
});
const words = { title: 'Chat', expected: 'Answer in the data', up: 'good', down: 'bad', note: 'Note' };

test('Markdown holds every question, answer, rating and note under the name of its column', () => {
  const text = comparisonMarkdown(comparison, words);
  for (const part of [
    '- **Step 8**: `/runs/a`',
    '- temperature 0.5, top-p 0.9, max tokens 64, seed 3, stop "\\n\\n"',
    '> Be brief.',
    '> name: The Punter\n> food: Chinese',
    '### Answer in the data\n\nThe Punter serves Chinese food.',
    '### Base (bad)\n\nA pub.',
    '### Step 8 (good)\n\nThe Punter is Chinese.\n\n*Note: Nearly.*',
    '### Base\n\nThere is not enough memory.',
  ]) {
    expect(text).toContain(part);
  }
});

test('JSON lines hold one answer each, with all that decided it', () => {
  const lines = comparisonJsonLines(comparison).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({
    ...{ turn: 1, column: 'Step 8', target: '/runs/a', use: 8, answer: 'The Punter is Chinese.', rating: 'up' },
    ...{
      note: 'Nearly.',
      temperature: 0.5,
      topP: 0.9,
      stop: ['\n\n'],
      seed: 3,
      expected: comparison.turns[0]?.expected,
    },
  });
});
