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
import {
  answersOfRun,
  exportRun,
  nextOfRun,
  trainRun,
  type NextToken,
  type RunAnswers,
} from '../support/exportRuns.ts';
import { families, type CheckedFamily } from './families.ts';
import { largest, probabilities } from './logits.ts';
import { ollamaProgram, startOllama, toldTokens, type Ollama, type OllamaAnswer } from './ollama.ts';

/** Ordinary bytes or tokens of every vocabulary here. */
const usualTokens = [5, 72, 101, 108, 111, 44, 32, 119, 114, 100, 33, 9, 200, 150, 97, 98];
/** Ollama tells no probabilities where the next token is half a character, so there are some to try. */
const prompts = ['the cat sat on', 'a red', 'it was', 'Once upon a', 'one two', 'we', 'his house is', 'The'];
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

/** ‖read − written‖ / ‖written‖ of K-quants, a fifth above what normally distributed weights have. */
const kErrors: Readonly<Record<string, number>> = { Q4_K: 0.09, Q5_K: 0.045, Q6_K: 0.022 };

interface Checked {
  readonly name: string;
  readonly reference: RunAnswers;
  readonly jobs: readonly Job[];
  readonly next?: ComparedNext | Error;
}

/** What Ollama and this app say follows a prompt. */
interface ComparedNext {
  readonly found: OllamaAnswer;
  readonly own: NextToken;
}

let folder = '';
let ollama: Ollama | undefined;
let answers = new Map<string, Answer>();
const checked = new Map<string, Checked>();
const cells: { family: string; consumer: string; format: string; value: number; unit: string }[] = [];

async function prepare(
  { name, model: makeModel, settings, tokens = usualTokens, mlxTokens }: CheckedFamily,
  at: string,
): Promise<Checked> {
  const model = await makeModel(path.join(at, 'model'));
  const run = await trainRun(model, at, settings);
  // PEFT puts adapters on Hugging Face folders.
  const base = model.endsWith('.gguf') ? path.join(at, 'base') : model;
  if (base !== model) await exportRun(model, 'hf', base, { dtype: 'f32' });
  const reference = await answersOfRun(run, tokens, texts);
  const jobs: Job[] = [];
  const add = (job: Omit<Job, 'name' | 'tokens' | 'out'> & Partial<Pick<Job, 'tokens'>>, what: string): void => {
    const out = path.join(at, `${what}.logits`);
    jobs.push({ tokens, ...job, name: `${name} ${what}`, texts, out });
  };
  const place = (what: string): string => path.join(at, what);
  await exportRun(run, 'hf', place('hf'), { dtype: 'f32' });
  add({ kind: 'transformers', path: place('hf') }, 'hf');
  const inMlx = { kind: 'mlx' as const, tokens: tokens.slice(0, mlxTokens) };
  if (mlxTokens !== 0) add({ ...inMlx, path: place('hf') }, 'hf in MLX');
  for (const format of ['peft', 'peft-compact'] as const) {
    await exportRun(run, format, place(format));
    add({ kind: 'peft', path: place(format), base }, format);
  }
  if (mlxTokens !== 0) add({ ...inMlx, path: place('peft'), base }, 'peft in MLX');
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
  return { name, reference, jobs, ...(ollama === undefined ? {} : { next: await nextInOllama(ollama, run, at) }) };
}

async function nextInOllama(server: Ollama, run: string, at: string): Promise<ComparedNext | Error> {
  const name = `checked-${path.basename(at)}`;
  await exportRun(run, 'ollama', path.join(at, 'ollama'), { quant: 'f32' });
  const answer = async (): Promise<ComparedNext> => {
    await server.create(name, path.join(at, 'ollama'));
    for (const prompt of prompts) {
      const found = await server.continue(name, prompt);
      if (found.first.length > 0) return { found, own: await nextOfRun(run, prompt) };
    }
    throw new Error('Ollama told no probabilities.');
  };
  // What fails in one family must not keep the others from being read.
  return answer().catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-interop-'));
  if (ollamaProgram !== undefined) ollama = await startOllama(ollamaProgram, path.join(folder, 'ollama'));
  for (const [i, family] of families.entries()) {
    checked.set(family.name, await prepare(family, path.join(folder, String(i))));
  }
  answers = await askAll(
    [...checked.values()].flatMap(({ jobs }) => jobs),
    folder,
  );
});

afterAll(async () => {
  await ollama?.stop();
  const results = process.env['SARA_INTEROP_RESULTS'];
  if (results !== undefined) await writeFile(results, JSON.stringify(cells, null, 2));
  await rm(folder, { recursive: true, force: true });
});

describe.each(families)('$name', ({ name: family, sensitivity = 1, mlxTokens }) => {
  function answerOf(what: string): { answer: Answer; job: Job; reference: Checked['reference'] } {
    const { jobs, reference } = checked.get(family) ?? { jobs: [] };
    const job = jobs.find(({ name }) => name === `${family} ${what}`);
    const answer = answers.get(`${family} ${what}`);
    if (job === undefined || answer === undefined || reference === undefined) throw new Error(`No answer for ${what}.`);
    expect(answer.error).toBeUndefined();
    return { answer, job, reference };
  }

  /** @param format how the table calls it */
  async function note(consumer: string, what: string, unit: 'logit' | 'probability', format = what): Promise<number> {
    const { job, reference } = answerOf(what);
    const found = await readLogits(job.out);
    const value =
      unit === 'logit'
        ? largest(reference.logits.subarray(0, job.tokens.length * reference.vocabulary), found)
        : largest(probabilities(reference.logits, reference.vocabulary), probabilities(found, reference.vocabulary));
    cells.push({ family, consumer, format, value, unit });
    return value;
  }

  test('a merged folder loads in transformers without a missing tensor and gives the app’s logits', async () => {
    const { answer } = answerOf('hf');
    expect({ missing: answer.missing, unexpected: answer.unexpected }).toEqual({ missing: [], unexpected: [] });
    expect(await note('transformers', 'hf', 'logit')).toBeLessThan(1e-4 * sensitivity);
  });

  test('transformers cuts text into the same tokens', () => {
    const { answer, reference } = answerOf('hf');
    expect(answer.ids).toEqual(reference.ids);
  });

  test.skipIf(mlxTokens === 0)('a merged folder gives the app’s logits in MLX', async () => {
    expect(await note('MLX', 'hf in MLX', 'logit', 'hf')).toBeLessThan(1e-4 * sensitivity);
  });

  test.skipIf(mlxTokens === 0)('the universal adapter gives the app’s logits in MLX', async () => {
    expect(await note('MLX', 'peft in MLX', 'logit', 'peft')).toBeLessThan(1e-4 * sensitivity);
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

  test.runIf(family === 'llama, rows of whole K-blocks')('a Q4_K_M file has Q4_K and Q6_K in it', () => {
    expect(Object.keys(answerOf('bytes q4_k_m').answer.errors ?? {}).sort()).toEqual(['Q4_K', 'Q6_K']);
  });

  test('llama.cpp cuts text into the same tokens', () => {
    const { answer, reference } = answerOf('gguf f16');
    expect(answer.ids).toEqual(reference.ids);
  });

  test('the LoRA GGUF on the base gives the app’s probabilities in llama.cpp', async () => {
    expect(await note('llama.cpp', 'lora-gguf', 'probability')).toBeLessThan(1e-3);
  });

  test.skipIf(ollamaProgram === undefined)('Ollama gives the app’s probabilities', () => {
    const { next } = checked.get(family) ?? {};
    if (next === undefined) throw new Error('Ollama was not asked.');
    if (next instanceof Error) throw next;
    expect(next.found.promptTokens).toBe(next.own.tokens);
    const { logits } = next.own;
    const own = probabilities(logits, logits.length).sort().reverse().slice(0, toldTokens);
    const value = largest(own, Float32Array.from(next.found.first));
    cells.push({ family, consumer: 'Ollama', format: 'ollama f32', value, unit: 'probability' });
    // Its cache of keys and values is in half precision.
    expect(value).toBeLessThan(1e-3 * sensitivity);
  });

  test.each(ggufQuants.filter((quant) => quant !== 'f32'))(
    'tensors of a GGUF in %s hold the bytes that the gguf package writes',
    (quant) => {
      const { answer } = answerOf(`bytes ${quant}`);
      expect(answer.compared).toBeGreaterThan(0);
      expect(answer.different).toEqual([]);
      for (const [type, error] of Object.entries(answer.errors ?? {})) {
        expect({ type, error, good: error < (kErrors[type] ?? 0) }).toEqual({ type, error, good: true });
      }
    },
  );
});
