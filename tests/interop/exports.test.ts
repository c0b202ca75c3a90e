/**
 * Every format of every family, read by the program it is made for. Reference: the run in this app’s memory. What is
 * found goes to `results.json`, of which the runner makes the table in docs/exports.md.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ggufQuants, type GgufQuant } from '../../src-main/contract/exportFormats.ts';
import { askAll, readLogits, type Answer, type Job } from './consumers.ts';
import { answersOfRun, exportRun, trainRun } from '../support/exportRuns.ts';
import { families, type CheckedFamily } from './families.ts';
import { largest, probabilities } from './logits.ts';

/** Ordinary bytes or tokens of every vocabulary here. */
const usualTokens = [5, 72, 101, 108, 111, 44, 32, 119, 114, 100, 33, 9, 200, 150, 97, 98];
const texts = ['The cat sat on the mat.', '  two  spaces, 1234 and a tab\t', 'Größe – 日本 🙂'];

/** Largest difference of a next-token probability, by type of the weights in llama.cpp. */
const bounds: Readonly<Record<GgufQuant, number>> = {
  f32: 1e-3,
  f16: 2e-3,
  bf16: 1e-2,
  q8_0: 3e-2,
  q4_k_m: 0.2,
  q4_0: 0.3,
};

interface Checked {
  readonly name: string;
  readonly reference: Awaited<ReturnType<typeof answersOfRun>>;
  readonly jobs: readonly Job[];
}

let folder = '';
let answers = new Map<string, Answer>();
const checked = new Map<string, Checked>();
const cells: { family: string; consumer: string; format: string; value: number; unit: string }[] = [];

async function prepare(
  { name, model: makeModel, settings, tokens = usualTokens }: CheckedFamily,
  at: string,
): Promise<Checked> {
  const model = await makeModel(path.join(at, 'model'));
  const run = await trainRun(model, at, settings);
  // PEFT puts adapters on Hugging Face folders.
  const base = model.endsWith('.gguf') ? path.join(at, 'base') : model;
  if (base !== model) await exportRun(model, 'hf', base, { dtype: 'f32' });
  const reference = await answersOfRun(run, tokens, texts);
  const jobs: Job[] = [];
  const add = (job: Omit<Job, 'name' | 'tokens' | 'out'>, what: string): void => {
    const out = path.join(at, `${what}.logits`);
    jobs.push({ ...job, name: `${name} ${what}`, tokens, texts, out });
  };
  const place = (what: string): string => path.join(at, what);
  await exportRun(run, 'hf', place('hf'), { dtype: 'f32' });
  add({ kind: 'transformers', path: place('hf') }, 'hf');
  for (const format of ['peft', 'peft-compact'] as const) {
    await exportRun(run, format, place(format));
    add({ kind: 'peft', path: place(format), base }, format);
  }
  await exportRun(run, 'native', place('native'));
  add({ kind: 'native', path: place('native'), base }, 'native');
  for (const quant of ggufQuants) {
    const file = place(`merged-${quant}.gguf`);
    await exportRun(run, 'gguf', file, { quant });
    add({ kind: 'llama.cpp', path: file }, `gguf ${quant}`);
    if (quant !== 'f32') add({ kind: 'gguf', path: file, f32: place('merged-f32.gguf') }, `bytes ${quant}`);
  }
  await exportRun(model, 'gguf', place('base.gguf'), { quant: 'f32' });
  await exportRun(run, 'lora-gguf', place('lora.gguf'));
  add({ kind: 'llama.cpp', path: place('base.gguf'), lora: place('lora.gguf') }, 'lora-gguf');
  return { name, reference, jobs };
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-interop-'));
  for (const [i, family] of families.entries()) {
    checked.set(family.name, await prepare(family, path.join(folder, String(i))));
  }
  answers = await askAll(
    [...checked.values()].flatMap(({ jobs }) => jobs),
    folder,
  );
});

afterAll(async () => {
  const results = process.env['SARA_INTEROP_RESULTS'];
  if (results !== undefined) await writeFile(results, JSON.stringify(cells, null, 2));
  await rm(folder, { recursive: true, force: true });
});

describe.each(families)('$name', ({ name: family, sensitivity = 1 }) => {
  function answerOf(what: string): { answer: Answer; job: Job; reference: Checked['reference'] } {
    const { jobs, reference } = checked.get(family) ?? { jobs: [] };
    const job = jobs.find(({ name }) => name === `${family} ${what}`);
    const answer = answers.get(`${family} ${what}`);
    if (job === undefined || answer === undefined || reference === undefined) throw new Error(`No answer for ${what}.`);
    expect(answer.error).toBeUndefined();
    return { answer, job, reference };
  }

  async function note(consumer: string, what: string, unit: 'logit' | 'probability'): Promise<number> {
    const { job, reference } = answerOf(what);
    const found = await readLogits(job.out);
    const value =
      unit === 'logit'
        ? largest(reference.logits, found)
        : largest(probabilities(reference.logits, reference.vocabulary), probabilities(found, reference.vocabulary));
    cells.push({ family, consumer, format: what, value, unit });
    return value;
  }

  test('a merged folder loads in transformers without a missing tensor and gives the app’s logits', async () => {
    const { answer } = answerOf('hf');
    expect({ missing: answer.missing, unexpected: answer.unexpected }).toEqual({ missing: [], unexpected: [] });
    expect(await note('transformers', 'hf', 'logit')).toBeLessThan(1e-4 * sensitivity);
  });

  test.each(['peft', 'peft-compact'])('the %s adapter gives the app’s logits in PEFT', async (format) => {
    expect(await note('PEFT', format, 'logit')).toBeLessThan(1e-4 * sensitivity);
  });

  test('the native adapter gives the app’s logits in the reference reader', async () => {
    expect(await note('reference reader', 'native', 'logit')).toBeLessThan(1e-4 * sensitivity);
  });

  test.each(ggufQuants)('a GGUF in %s gives the app’s probabilities in llama.cpp', async (quant) => {
    expect(await note('llama.cpp', `gguf ${quant}`, 'probability')).toBeLessThan(
      bounds[quant] * (quant.startsWith('q') ? sensitivity : 1),
    );
  });

  test('llama.cpp cuts text into the same tokens', () => {
    const { answer, reference } = answerOf('gguf f16');
    expect(answer.ids).toEqual(reference.ids);
  });

  test('the LoRA GGUF on the base gives the app’s probabilities in llama.cpp', async () => {
    expect(await note('llama.cpp', 'lora-gguf', 'probability')).toBeLessThan(1e-3);
  });

  test.each(ggufQuants.filter((quant) => quant !== 'f32'))(
    'tensors of a GGUF in %s hold the bytes that the gguf package writes',
    (quant) => {
      const { answer } = answerOf(`bytes ${quant}`);
      expect(answer.compared).toBeGreaterThan(0);
      expect(answer.different).toEqual([]);
    },
  );
});
