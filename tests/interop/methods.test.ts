/** The adapters of every method in the programs that read adapters: exact in the reference reader and in PEFT. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TrainConfigInput } from '../../src-main/contract/requests.schema.ts';
import { goldenPath } from '../support/goldenPath.ts';
import { answersOfRun, exportRun, trainRun } from '../support/exportRuns.ts';
import { askAll, readLogits, type Answer, type Job } from './consumers.ts';
import { largest } from './logits.ts';

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
  answers = await askAll(jobs, folder);
});

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
