/** A whole evaluation on stories260K: the model knows nothing of the questions, so what is checked is how it is judged. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateTaskRequestSchema } from '../../../src-main/contract/requests.schema.ts';
import type { TaskAnswer } from '../../../src-main/contract/tasks.ts';
import { assembleBatch } from '../../../src-main/data/batches.ts';
import { Decoder } from '../../../src-main/decoder/decoder.ts';
import type { EvaluatedModel } from '../../../src-main/evaluation/evaluateModel.ts';
import { answerLikelihoods } from '../../../src-main/evaluation/likelihood.ts';
import { candidateIds } from '../../../src-main/evaluation/tasks/taskPrompt.ts';
import { evaluateTask, type TaskPlace } from '../../../src-main/evaluation/tasks/evaluateTask.ts';
import { openModel } from '../../../src-main/models/open.ts';
import type { OpenedModel } from '../../../src-main/models/types.ts';
import { openBackend } from '../../../src-main/tensor/backend.ts';
import type { Kernels } from '../../../src-main/tensor/kernels.ts';
import { storiesFolder } from '../../support/goldenPath.ts';

const { signal } = new AbortController();
const samples = path.join(storiesFolder, '..');
let kernels: Kernels;
let model: OpenedModel;
let evaluated: EvaluatedModel;
let folder: string;
let liveBefore: number;

beforeAll(async () => {
  ({ kernels } = await openBackend());
  model = await openModel(storiesFolder, signal);
  liveBefore = kernels.live;
  if (!model.arch) throw new Error('stories260K has no architecture.');
  const decoder = await Decoder.load(kernels, model.arch, model.source, {}, signal);
  evaluated = { decoder, tokenizer: await model.tokenizer(), trained: undefined };
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-task-'));
});
afterAll(async () => {
  evaluated.decoder.dispose();
  expect(kernels.live).toBe(liveBefore);
  await model.close();
  await rm(folder, { recursive: true, force: true });
});
function evaluate(settings: object, place: Partial<TaskPlace> & Pick<TaskPlace, 'data'>) {
  const request = evaluateTaskRequestSchema.parse({ model: 'stories', maxNewTokens: 12, ...settings });
  const phases: string[] = [];
  const context = { signal, emit: (event: { readonly phase: string }) => void phases.push(event.phase) };
  const whole = { answersFile: undefined, trained: undefined, ...place };
  return { phases, result: evaluateTask(evaluated, request, whole, { now: () => 0 }, context) };
}

describe('evaluateTask', () => {
  it('answers, judges and writes every row; the same again gives the same', async () => {
    const answersFile = path.join(folder, 'deep', 'answers.jsonl');
    const data = path.join(samples, 'gsm8k', 'valid.jsonl');
    const { result, phases } = evaluate({ task: 'gsm8k', limit: 5, seed: 3, batchSize: 2 }, { data, answersFile });
    const first = await result;
    expect(first).toMatchObject({ task: 'gsm8k', rows: 5, scoring: 'generation', answersFile, seconds: 0 });
    expect(first.settings).toEqual({ prompt: 'plain', maxNewTokens: 12, batchSize: 2, temperature: 0, seed: 3 });
    expect(first.dataHash).toMatch(/^[0-9a-f]{64}$/);
    expect(phases).toContain('Answering');
    const written = (await readFile(answersFile, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TaskAnswer);
    expect(written).toHaveLength(5);
    expect(written.map((answer) => answer.row)).toEqual(written.map((answer) => answer.row).sort((a, b) => a - b));
    const { accuracy, unanswered } = first;
    expect(accuracy).toMatchObject({ total: 5, correct: written.filter((answer) => answer.correct).length });
    expect(unanswered).toBe(written.filter((answer) => answer.answer === undefined).length);
    expect(first.examples).toEqual(written);
    const again = await evaluate({ task: 'gsm8k', limit: 5, seed: 3, batchSize: 5 }, { data }).result;
    expect(again.examples).toEqual(written);
  });

  it('takes by likelihood the choice whose statement is most probable, as a loss over the whole row finds it', async () => {
    const data = path.join(samples, 'tasks', 'boolq.json');
    const { result } = evaluate({ task: 'boolq', limit: 6, scoring: 'likelihood', prompt: 'plain' }, { data });
    const { examples, accuracy, unanswered } = await result;
    expect([examples.length, accuracy?.total, unanswered]).toEqual([6, 6, 0]);
    const { decoder, tokenizer } = evaluated;
    for (const { prompt, answer, text } of examples) {
      const losses = await Promise.all(
        ['true', 'false'].map(async (choice) => {
          const layout = { prompt: 'plain', systemPrompt: undefined } as const;
          const { ids, from } = candidateIds(prompt, `the correct answer is ${choice}`, tokenizer, layout, 512);
          const loss = Uint8Array.from(ids, (_, i) => (i >= from ? 1 : 0));
          const batch = assembleBatch([{ row: 1, ids, loss, truncated: 0 }], [0]);
          return (await decoder.loss(batch, signal)).lossSum;
        }),
      );
      expect(answer).toBe((losses[0] ?? 0) < (losses[1] ?? 0) ? 'true' : 'false');
      expect(text).toBe(`the correct answer is ${answer ?? ''}`);
    }
  });

  it('compares answers of several tokens and of different lengths', async () => {
    const { decoder, tokenizer } = evaluated;
    const begin = tokenizer.encode('Once upon a time', true);
    const endings = ['there was a cat', 'there was a dog', 'a'].map((text) => tokenizer.encode(text, false));
    const candidates = endings.map((own) => ({ ids: Int32Array.from([...begin, ...own]), from: begin.length }));
    const [scores = []] = await answerLikelihoods(decoder, [candidates], 2, signal, () => undefined);
    const alone = await Promise.all(
      candidates.map(async ({ ids, from }) => {
        const loss = Uint8Array.from(ids, (_, i) => (i >= from ? 1 : 0));
        const batch = assembleBatch([{ row: 1, ids, loss, truncated: 0 }], [0]);
        return -(await decoder.loss(batch, signal)).lossSum;
      }),
    );
    // What all of them begin with is left out, so only differences are the same.
    for (const i of [1, 2]) {
      expect((scores[i] ?? 0) - (scores[0] ?? 0)).toBeCloseTo((alone[i] ?? 0) - (alone[0] ?? 0), 3);
    }
  });

  it('gives every metric of texts for E2E', async () => {
    const data = path.join(samples, 'e2e', 'valid.jsonl');
    const { metrics, accuracy, rows } = await evaluate({ task: 'e2e', limit: 3 }, { data }).result;
    expect([rows, accuracy]).toEqual([3, undefined]);
    expect(Object.keys(metrics ?? {})).toEqual(['bleu', 'nist', 'meteor', 'rouge-l', 'cider']);
    for (const value of Object.values(metrics ?? {})) expect(Number.isFinite(value)).toBe(true);
  });

  it('names contamination in the result', async () => {
    const data = path.join(samples, 'tasks', 'svamp.json');
    const [row] = JSON.parse(await readFile(data, 'utf8')) as { readonly instruction: string }[];
    const file = path.join(folder, 'one.json');
    await writeFile(file, JSON.stringify([row]));
    const trained = { file: '/x/math_data.json', prompts: [row?.instruction ?? ''] };
    const { contamination } = await evaluate({ task: 'svamp' }, { data: file, trained }).result;
    expect(contamination?.rowsSeen).toBe(1);
  });

  it('a question longer than the context is unanswered and wrong, not a failure', async () => {
    const file = path.join(folder, 'long.json');
    const instruction = `${'long '.repeat(600)}\n\nAnswer format: true/false`;
    await writeFile(file, JSON.stringify([{ instruction, answer: 'true' }]));
    for (const scoring of ['generation', 'likelihood']) {
      const { accuracy, unanswered } = await evaluate({ task: 'boolq', scoring }, { data: file }).result;
      expect([accuracy?.correct, unanswered]).toEqual([0, 1]);
    }
  });

  it('a way to judge that the task does not have is refused', async () => {
    const data = path.join(samples, 'gsm8k', 'valid.jsonl');
    await expect(evaluate({ task: 'gsm8k', scoring: 'likelihood' }, { data }).result).rejects.toMatchObject({
      code: 'SETTINGS_INVALID',
    });
  });
});
