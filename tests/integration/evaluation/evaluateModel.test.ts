import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateRequestSchema } from '../../../src-main/contract/requests.schema.ts';
import { Decoder } from '../../../src-main/decoder/decoder.ts';
import { evaluateModel, type EvaluatedModel } from '../../../src-main/evaluation/evaluateModel.ts';
import { openModel } from '../../../src-main/models/open.ts';
import type { OpenedModel } from '../../../src-main/models/types.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';

const { signal } = new AbortController();
const texts = [
  'Once upon a time, there was a little girl named Lily.',
  'Tom went to the park.',
  'The big dog saw a cat. The cat ran up the tree and the dog sat down to wait for it.',
  'She was happy.',
];
let kernels: Kernels;
let model: OpenedModel;
let evaluated: EvaluatedModel;
let folder: string;

beforeAll(async () => {
  ({ kernels } = await openBackend());
  model = await openModel(path.join(import.meta.dirname, '../../../resources/samples/stories260K'), signal);
  if (!model.arch) throw new Error('stories260K has no architecture.');
  const decoder = await Decoder.load(kernels, model.arch, model.source, {}, signal);
  evaluated = { decoder, tokenizer: await model.tokenizer(), trained: undefined };
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-evaluation-'));
});
afterAll(async () => {
  evaluated.decoder.dispose();
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

async function dataFile(name: string, rows: readonly object[]): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, rows.map((row) => JSON.stringify(row)).join('\n'));
  return file;
}

function evaluate(file: string, settings: object) {
  const request = evaluateRequestSchema.parse({ model: 'm', data: { path: file, template: 'plain' }, ...settings });
  return evaluateModel(evaluated, request, { signal, emit: () => undefined });
}

describe('evaluateModel', () => {
  it('gives in raw mode the token-mean causal loss of the texts exactly as tokenised', async () => {
    const file = await dataFile(
      'raw.jsonl',
      texts.map((text) => ({ text })),
    );
    const { decoder, tokenizer } = evaluated;
    let sum = 0;
    let count = 0;
    for (const text of texts) {
      const ids = tokenizer.encode(text, false);
      const positions = Int32Array.from(ids, (_, i) => i);
      const batch = { tokens: Int32Array.from(ids), positions, lengths: [ids.length] };
      const logits = await decoder.logits(batch, signal);
      const width = decoder.arch.vocabularySize;
      for (let i = 0; i + 1 < ids.length; i++) {
        const row = logits.subarray(i * width, (i + 1) * width);
        const largest = Math.max(...row);
        const logSum = largest + Math.log(row.reduce((total, logit) => total + Math.exp(logit - largest), 0));
        sum += logSum - (row[ids[i + 1] ?? 0] ?? 0);
        count += 1;
      }
    }
    for (const batchSize of [1, 3]) {
      const result = await evaluate(file, { raw: true, batchSize });
      expect(result).toMatchObject({ tokens: count, rows: texts.length });
      expect(result.loss).toBeCloseTo(sum / count, 5);
      expect(result.perplexity).toBeCloseTo(Math.exp(sum / count), 3);
    }
  });

  it('refuses raw evaluation of rows with prompt and completion', async () => {
    const file = await dataFile('pairs.jsonl', [{ prompt: 'a', completion: 'b' }]);
    await expect(evaluate(file, { raw: true })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: /row 1 of .*pairs\.jsonl/,
    });
  });

  it('compares greedy answers with all the references of a prompt', async () => {
    const rows = [
      { prompt: 'Once upon a time', completion: 'something else entirely' },
      { prompt: 'Tom and Sue went to the', completion: 'park' },
    ];
    const without = await evaluate(await dataFile('one.jsonl', rows), {
      metrics: ['bleu', 'rouge-l'],
      maxNewTokens: 12,
    });
    expect(without.bleu).toBeGreaterThanOrEqual(0);
    expect(without.bleu).toBeLessThan(20);
    // The model's own answers as further references: now every answer is right.
    const { decoder, tokenizer } = evaluated;
    const { generateTokens } = await import('../../../src-main/generation/generate.ts');
    const { encodePrompt } = await import('../../../src-main/data/tokenise.ts');
    const answers = await generateTokens(
      decoder,
      rows.map(({ prompt }) => encodePrompt(prompt, tokenizer, { template: 'plain' })),
      { maxNewTokens: 12, temperature: 0, seed: 0, endIds: tokenizer.eosIds },
      signal,
    );
    const own = rows.map(({ prompt }, i) => ({
      prompt,
      completion: tokenizer.decode(answers[i]?.ids ?? [], true).trim(),
    }));
    const right = await evaluate(await dataFile('both.jsonl', [...rows, ...own]), {
      metrics: ['bleu', 'rouge-l'],
      maxNewTokens: 12,
    });
    expect(right.bleu).toBeCloseTo(100, 6);
    expect(right['rouge-l']).toBeGreaterThan(without['rouge-l'] ?? 1);
  });

  it('says that text rows have no answers to compare', async () => {
    const file = await dataFile('text.jsonl', [{ text: 'Once upon a time.' }]);
    await expect(evaluate(file, { metrics: ['bleu'] })).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });
});
