/** Rows through the tokenizers and templates of real models. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Example } from '../../../src-main/data/example.ts';
import { readDataset, usableExamples } from '../../../src-main/data/read.ts';
import { encodePrompt, exampleTokeniser, tokeniseDataset } from '../../../src-main/data/tokenise.ts';
import { openModel } from '../../../src-main/models/open.ts';
import type { Tokenizer } from '../../../src-main/models/types.ts';
import { storiesFolder } from '../../support/goldenPath.ts';
import { smollm2Path } from '../../support/smollm2Path.ts';

const signal = new AbortController().signal;
const samples = path.join(storiesFolder, '..');

async function tokenizerOf(modelPath: string): Promise<{ tokenizer: Tokenizer; vocabularySize: number }> {
  const model = await openModel(modelPath, signal);
  try {
    return { tokenizer: await model.tokenizer(), vocabularySize: model.summary.vocabularySize };
  } finally {
    await model.close();
  }
}

function partsOf(tokenizer: Tokenizer, row: { ids: Int32Array; loss: Uint8Array }): { given: string; learnt: string } {
  const pick = (flag: number): string =>
    tokenizer.decode(
      [...row.ids].filter((_, i) => row.loss[i] === flag),
      false,
    );
  return { given: pick(0), learnt: pick(1) };
}

describe('SmolLM2 and its chat template', () => {
  test('the answer and <|im_end|> are learnt, the default system turn and the question are given', async () => {
    const { tokenizer, vocabularySize } = await tokenizerOf(smollm2Path());
    const options = { template: 'chat', completionOnly: true, sequenceLength: 512, vocabularySize } as const;
    const row = exampleTokeniser(
      tokenizer,
      options,
    )({
      kind: 'prompt',
      row: 1,
      prompt: 'name[Cocum], food[English]',
      completion: 'Cocum serves English food.',
    });
    const { given, learnt } = partsOf(tokenizer, row);
    expect(learnt).toBe('Cocum serves English food.<|im_end|>');
    expect(given).toMatch(/^<\|im_start\|>system\n.*<\|im_end\|>\n<\|im_start\|>user\nname\[Cocum\], food\[English\]/s);
    // The newline that the template writes after the end-of-turn token is not learnt.
    expect(given.endsWith('<|im_start|>assistant\n\n')).toBe(true);
    const prompt = encodePrompt('name[Cocum], food[English]', tokenizer, options);
    expect([...row.ids.slice(0, prompt.length)]).toEqual(prompt);
    expect(row.loss.indexOf(1)).toBe(prompt.length);
  });

  test('every row of the samples is usable, ends in a learnt end token and fits 512 tokens', async () => {
    const { tokenizer, vocabularySize } = await tokenizerOf(smollm2Path());
    const options = { template: 'chat', completionOnly: true, sequenceLength: 512, vocabularySize } as const;
    for (const name of ['e2e/train', 'e2e/valid', 'gsm8k/train', 'gsm8k/valid']) {
      const dataset = await readDataset(path.join(samples, `${name}.jsonl`), undefined, signal);
      const examples = usableExamples(dataset, false);
      const tokenised = await tokeniseDataset(examples, tokenizer, options, signal);
      expect(tokenised).toMatchObject({ problems: [], truncatedRows: 0, notices: [] });
      for (const { ids, loss } of tokenised.examples) {
        expect(tokenizer.eosIds).toContain(ids[loss.lastIndexOf(1)]);
      }
    }
  });

  test('no prompt of the held-out sample occurs among those trained on', async () => {
    const prompts = async (name: string): Promise<Set<string>> => {
      const { examples } = await readDataset(path.join(samples, `${name}.jsonl`), undefined, signal);
      return new Set(examples.map((example) => (example.kind === 'prompt' ? example.prompt : '')));
    };
    for (const set of ['e2e', 'gsm8k']) {
      const trained = await prompts(`${set}/train`);
      for (const prompt of await prompts(`${set}/valid`)) expect(trained).not.toContain(prompt);
    }
  });
});

describe('stories260K, whose tokenizer adds a begin token and a space in front', () => {
  const row: Example = { kind: 'prompt', row: 1, prompt: 'Once upon a time', completion: 'there was a cat.' };

  test('plain rows have one begin token, no stray space in the answer, and learn the end token', async () => {
    const { tokenizer, vocabularySize } = await tokenizerOf(storiesFolder);
    const options = { template: 'plain', completionOnly: true, sequenceLength: 512, vocabularySize } as const;
    const { ids, loss } = exampleTokeniser(tokenizer, options)(row);
    expect([...ids].filter((id) => id === tokenizer.bosId)).toHaveLength(1);
    expect(ids[0]).toBe(tokenizer.bosId);
    expect(tokenizer.decode([...ids], true).trim()).toBe('Once upon a time\nthere was a cat.');
    expect(ids.at(-1)).toBe(tokenizer.eosIds[0]);
    expect(loss.at(-1)).toBe(1);
    const learnt = tokenizer.decode([...ids.slice(loss.indexOf(1))], true);
    expect(learnt.trim()).toBe('there was a cat.');
  });

  test('raw text is exactly what the tokenizer gives', async () => {
    const { tokenizer, vocabularySize } = await tokenizerOf(storiesFolder);
    const options = { template: 'chat', completionOnly: true, sequenceLength: 512, vocabularySize, raw: true } as const;
    const { ids } = exampleTokeniser(tokenizer, options)({ kind: 'text', row: 1, text: 'Once upon a time' });
    expect([...ids]).toEqual(tokenizer.encode('Once upon a time', false));
  });
});
