/**
 * Every method in the programs that read its exports: adapters exact in the reference reader and in PEFT, those of Mo-SARA
 * with frozen gates and whole fine-tuned models in every program.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportFormats, type ExportFormat } from '../../src-main/contract/exportFormats.ts';
import type { TrainConfigInput } from '../../src-main/contract/requests.schema.ts';
import { goldenPath } from '../support/goldenPath.ts';
import { answersOfRun, calibrate, exportRun, trainRun } from '../support/exportRuns.ts';
import { askAll, readLogits, type Answer, type Job } from './consumers.ts';
import { largest, probabilities } from './logits.ts';

const tokens = [5, 72, 101, 108, 111, 44, 32, 119, 114, 100, 33, 9, 200, 150, 97, 98];

const methods: Readonly<Record<string, TrainConfigInput['method']>> = {
  'sara from singular vectors': { name: 'sara', threshold: 0.25, init: 'svd', scaling: 2 },
  lora: { name: 'lora', rank: 4, alpha: 8 },
  rslora: { name: 'lora', rank: 4, alpha: 8, rankStabilized: true },
  full: { name: 'full' },
  pissa: { name: 'pissa', rank: 4 },
  dora: { name: 'dora', rank: 4, alpha: 8 },
  adalora: { name: 'adalora', initialRank: 6, targetRank: 3, tinit: 1, tfinal: 2, orthogonalWeight: 0.1 },
  'mosara, rank1, vector': { name: 'mosara', sets: 3, scaling: 2 },
  'mosara, linear, none': { name: 'mosara', sets: 3, router: 'linear', output: 'none' },
};

/** The exact ones: PEFT cannot hold a router, nor whole weights. */
function formatsOf(method: TrainConfigInput['method'] | undefined): readonly ('native' | 'peft' | 'peft-compact')[] {
  return method?.name === 'mosara' || method?.name === 'full' ? ['native'] : ['native', 'peft', 'peft-compact'];
}

let folder = '';
let answers = new Map<string, Answer>();
const jobs: Job[] = [];
const references = new Map<string, Float32Array>();
const vocabularies = new Map<string, number>();

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-interop-'));
  for (const [name, method] of Object.entries(methods)) {
    for (const model of ['llama', 'gpt2']) {
      const base = goldenPath(model, 'model');
      const at = path.join(folder, name, model);
      const run = await trainRun(base, at, { method });
      references.set(`${name} ${model}`, (await answersOfRun(run, tokens, [])).logits);
      for (const format of formatsOf(method)) {
        const place = path.join(at, format);
        await exportRun(run, format, place);
        const kind = format === 'native' ? format : 'peft';
        jobs.push({ name: `${name} ${model} ${format}`, kind, path: place, base, tokens, out: `${place}.logits` });
      }
    }
  }
  for (const one of merged) for (const model of ['llama', 'gpt2']) await addMerged(one, model);
  answers = await askAll(jobs, folder);
});

interface Merged {
  readonly name: 'mosara with frozen gates' | 'full fine-tuning';
  readonly method: TrainConfigInput['method'];
  readonly learningRate: number;
  readonly formats: readonly ExportFormat[];
}

const merged: readonly Merged[] = [
  {
    name: 'mosara with frozen gates',
    method: { name: 'mosara', sets: 3, router: 'linear' },
    // At such a rate the gates differ between tokens after a few steps.
    learningRate: 0.1,
    formats: ['hf', 'peft', 'peft-compact', 'gguf', 'ollama', 'lora-gguf'],
  },
  { name: 'full fine-tuning', method: { name: 'full' }, learningRate: 1e-3, formats: ['hf', 'gguf', 'ollama'] },
];

/** Every format that has no place for a router or for whole matrices beside the model's. */
async function addMerged({ name, method, learningRate, formats }: Merged, model: string): Promise<void> {
  const base = goldenPath(model, 'model');
  const at = path.join(folder, name, model);
  const run = await trainRun(base, at, { method, learningRate, steps: 12 });
  const calibration = method?.name === 'mosara' ? await calibrate(run) : undefined;
  const freeze = calibration && { freezeGates: { maxRows: 64, acceptKl: calibration.kl } };
  const plain = path.join(at, 'base.gguf');
  await exportRun(base, 'gguf', plain, { quant: 'f32' });
  for (const format of formats) {
    const place = path.join(at, format);
    const types = exportFormats[format].types === 'quant' ? { quant: 'f32' as const } : { dtype: 'f32' as const };
    await exportRun(run, format, place, { ...freeze, ...types });
    const job = { name: `${name} ${model} ${format}`, tokens, texts: [], out: `${place}.logits` };
    const file = path.join(place, (await readdir(place)).find((entry) => entry.endsWith('.gguf')) ?? '');
    if (format === 'lora-gguf') jobs.push({ ...job, kind: 'llama.cpp', path: plain, lora: file });
    else if (exportFormats[format].types === 'quant') jobs.push({ ...job, kind: 'llama.cpp', path: file });
    else jobs.push({ ...job, path: place, ...(format === 'hf' ? { kind: 'transformers' } : { kind: 'peft', base }) });
  }
  const means = calibration && Object.fromEntries(calibration.matrices.map((matrix) => [matrix.name, matrix.mean]));
  const { logits, vocabulary } = await answersOfRun(run, tokens, [], means);
  references.set(`${name} ${model}`, logits);
  vocabularies.set(model, vocabulary);
}

afterAll(async () => rm(folder, { recursive: true, force: true }));

describe.each(Object.keys(methods))('%s', (method) => {
  test.each(['llama', 'gpt2'])('%s: the exported adapter gives the app’s logits', async (model) => {
    for (const format of formatsOf(methods[method])) {
      const name = `${method} ${model} ${format}`;
      expect({ name, error: answers.get(name)?.error }).toEqual({ name, error: undefined });
      const found = await readLogits(jobs.find((job) => job.name === name)?.out ?? '');
      expect(largest(references.get(`${method} ${model}`) ?? new Float32Array(), found)).toBeLessThan(1e-4);
    }
  });
});

// Bug caught: gates frozen for the comparison alone, and the written files made with others.
describe.each(merged)('$name', ({ name: method, formats }) => {
  const cases = ['llama', 'gpt2'].flatMap((model) => formats.map((format) => [model, format] as const));
  test.each(cases)('%s as %s gives the app’s logits', async (model, format) => {
    const name = `${method} ${model} ${format}`;
    expect(answers.get(name)).toBeDefined();
    expect(answers.get(name)?.error).toBeUndefined();
    const reference = references.get(`${method} ${model}`) ?? new Float32Array();
    const found = await readLogits(jobs.find((job) => job.name === name)?.out ?? '');
    if (format === 'hf' || format === 'peft' || format === 'peft-compact') {
      expect(largest(reference, found)).toBeLessThan(1e-4);
    } else {
      const vocabulary = vocabularies.get(model) ?? 1;
      expect(largest(probabilities(reference, vocabulary), probabilities(found, vocabulary))).toBeLessThan(1e-3);
    }
  });
});
