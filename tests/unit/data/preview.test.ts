import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Example } from '../../../src-main/data/example.ts';
import { lengthStatistics } from '../../../src-main/data/lengths.ts';
import { IndexedDataset } from '../../../src-main/data/indexedDataset.ts';
import { previewDataset } from '../../../src-main/data/preview.ts';
import { tokenTexts } from '../../../src-main/data/tokenTexts.ts';
import type { ChatMessage } from '../../../src-main/contract/model.ts';
import { openModel } from '../../../src-main/models/open.ts';
import type { Tokenizer } from '../../../src-main/models/types.ts';
import { AppError } from '../../../src-main/util/appError.ts';
import { storiesFolder } from '../../support/goldenPath.ts';
import { chatMl, LetterTokenizer } from './letterTokenizer.ts';

const signal = new AbortController().signal;
const tokenizer = new LetterTokenizer({ template: chatMl });
const options = { template: 'chat', completionOnly: true, sequenceLength: 26, vocabularySize: 256 } as const;

let file = '';
beforeAll(() => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sara-preview-'));
  file = path.join(folder, 'rows.csv');
  writeFileSync(file, 'prompt,completion\na,1\nbroken\nb,2\n"c, c",3\n');
});
afterAll(() => {
  rmSync(path.dirname(file), { recursive: true });
});

const scanned = async (): Promise<IndexedDataset> => IndexedDataset.scan(file, undefined, signal);

describe('preview', () => {
  test('shows a page of the usable rows: raw, rendered, tokens with loss, and what is cut', async () => {
    const cut = { ...options, sequenceLength: 24 };
    const preview = await previewDataset(await scanned(), { from: 1, count: 2 }, tokenizer, cut, signal);
    expect(preview.totalRows).toBe(3);
    expect(preview.rows.map((row) => row.row)).toEqual([4, 5]);
    const [first, second] = preview.rows;
    expect(first?.raw).toBe('{"prompt":"b","completion":"2"}');
    expect(first?.rendered).toBe('<|im_start|>user\nb<|im_end|>\n<|im_start|>assistant\n2<|im_end|>\n');
    expect(first?.tokens.map((token) => token.text).join('')).toBe(first?.rendered);
    expect(first?.tokens.filter((token) => token.loss).map((token) => token.text)).toEqual(['2', '<|im_end|>']);
    expect([first?.truncated, second?.truncated]).toEqual([0, 2]);
  });

  test('a row that the template refuses shows the reason, the others as usual', async () => {
    class Choosy extends LetterTokenizer {
      override renderChat(messages: readonly ChatMessage[], addGenerationPrompt: boolean): string {
        if (messages[0]?.content === 'a') throw new AppError('TEMPLATE_INVALID', 'Roles must alternate.');
        return super.renderChat(messages, addGenerationPrompt);
      }
    }
    const choosy = new Choosy({ template: chatMl });
    const { rows } = await previewDataset(await scanned(), { from: 0, count: 2 }, choosy, options, signal);
    expect(rows.map((row) => [row.row, row.tokens.length > 0])).toEqual([
      [2, false],
      [4, true],
    ]);
    expect(rows[0]?.rendered).toBe('Roles must alternate.');
  });
});

test('characters made of several tokens are shown whole, at their first token', () => {
  const bytes: Tokenizer = {
    vocabularySize: 256,
    bosId: undefined,
    eosIds: [],
    hasChatTemplate: false,
    encode: (text) => [...Buffer.from(text, 'utf8')],
    decode: (ids) => Buffer.from(ids).toString('utf8'),
    renderChat: () => '',
  };
  const texts = tokenTexts(Int32Array.from(bytes.encode('aé€😀b', false)), bytes);
  expect(texts).toEqual(['a', 'é', '', '€', '', '', '😀', '', '', '', 'b']);
  // Half a character at a cut stays visible as such.
  expect(tokenTexts(Int32Array.of(0x61, 0xe2, 0x82), bytes)).toEqual(['a', '\ufffd', '\ufffd']);
});

// Would catch: words run together, because a SentencePiece token decoded by itself loses the space it begins with.
test('the texts of the tokens make up the text of the row', async () => {
  const stories = await (await openModel(storiesFolder, signal)).tokenizer();
  for (const text of ['Once upon a time, there was a cat.', 'Zoë ate 😀 two\n  cakes', ' leading space']) {
    const ids = stories.encode(text, true);
    expect(tokenTexts(Int32Array.from(ids), stories).join('')).toBe(stories.decode(ids, false));
  }
});

describe('length statistics', () => {
  const text = (row: number, length: number): Example => ({ kind: 'text', row, text: 'x'.repeat(length) });

  test('counts, histogram, median and what the cut does', async () => {
    // One end token is added to each row.
    const examples = [text(1, 4), text(2, 9), text(3, 9), text(4, 59)];
    const statistics = await lengthStatistics({ train: examples, validation: [] }, tokenizer, options, signal);
    expect(statistics).toMatchObject({
      rows: 4,
      longest: 60,
      median: 10,
      tokens: 5 + 10 + 10 + 26,
      lossTokens: 4 + 9 + 9 + 25,
      truncatedRows: 1,
      rowsWithoutLoss: 0,
    });
    expect(statistics.edges.at(-1)).toBeGreaterThanOrEqual(60);
    const binOf = (length: number): number => statistics.edges.findIndex((edge) => length <= edge);
    expect(statistics.counts.reduce((a, b) => a + b, 0)).toBe(4);
    expect([statistics.counts[binOf(5)], statistics.counts[binOf(10)], statistics.counts[binOf(60)]]).toEqual([
      1, 2, 1,
    ]);
  });

  test('both sides are counted, a document in the stretches it is learnt in, and rules leave rows out', async () => {
    const passage: Example = { kind: 'text', row: 9, text: 'y'.repeat(40), passage: { last: false } };
    const rows = { train: [text(1, 4), text(2, 59)], validation: [passage] };
    const cut = await lengthStatistics(rows, tokenizer, options, signal);
    // 40 tokens in stretches of 26 that overlap by one.
    expect(cut).toMatchObject({ rows: 4, trainRows: 2, validationRows: 2, trainLossTokens: 4 + 25, truncatedRows: 1 });
    const ruled = await lengthStatistics(rows, tokenizer, { ...options, longRows: 'leave-out' }, signal);
    expect(ruled).toMatchObject({ trainRows: 1, trainLossTokens: 4, truncatedRows: 0 });
  });

  test('of many rows some are tokenised, and counts are those of all', async () => {
    const train = Array.from({ length: 20_000 }, (_, i) => text(i, 4 + (i % 3)));
    const statistics = await lengthStatistics({ train, validation: [] }, tokenizer, options, signal);
    expect(statistics).toMatchObject({ rows: 20_000, trainRows: 20_000, sampled: 8000 });
    expect(Math.abs(statistics.counts.reduce((a, b) => a + b, 0) - 20_000)).toBeLessThan(24);
    expect(statistics.trainLossTokens / 20_000).toBeCloseTo(5, 1);
  });

  test('answers whose end is cut off are told from those that end', async () => {
    const prompt = (row: number, length: number): Example => {
      return { kind: 'prompt', row, prompt: 'x', completion: 'y'.repeat(length) };
    };
    const rows = { train: [prompt(1, 5), prompt(2, 50)], validation: [] };
    expect(await lengthStatistics(rows, tokenizer, options, signal)).toMatchObject({
      answers: 2,
      answersWithoutEnd: 1,
    });
  });

  test('rows whose answer is cut off are counted', async () => {
    const long: Example = { kind: 'prompt', row: 1, prompt: 'x'.repeat(50), completion: 'y' };
    expect(await lengthStatistics({ train: [long], validation: [] }, tokenizer, options, signal)).toMatchObject({
      rowsWithoutLoss: 1,
      answers: 0,
    });
  });
});
