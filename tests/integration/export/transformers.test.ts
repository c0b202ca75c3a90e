/**
 * The exported folder in `transformers` itself: it loads without a missing or unexpected tensor and gives the same loss
 * as the engine. Skipped where Python or its packages are missing; the program is $SARA_PYTHON or python3.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src-main/models/open.ts';
import { storiesFolder } from '../../support/goldenPath.ts';

const run = promisify(execFile);
const cli = path.join(import.meta.dirname, '..', '..', '..', 'out', 'cli', 'cli.cjs');
const data = path.join(storiesFolder, '..', 'e2e', 'train.jsonl');
const python = process.env['SARA_PYTHON'] ?? 'python3';
const hasTransformers = spawnSync(python, ['-c', 'import torch, transformers']).status === 0;

const program = `
import json, sys
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
folder, ids = sys.argv[1], json.loads(sys.argv[2])
model, info = AutoModelForCausalLM.from_pretrained(folder, torch_dtype=torch.float32, output_loading_info=True)
tokenizer = AutoTokenizer.from_pretrained(folder)
batch = torch.tensor([ids])
with torch.no_grad():
    loss = model.eval()(input_ids=batch, labels=batch).loss.item()
problems = [*info["missing_keys"], *info["unexpected_keys"], *map(str, info["mismatched_keys"])]
print(json.dumps({"problems": problems, "loss": loss, "ids": tokenizer.encode(sys.argv[3], add_special_tokens=False)}))
`;

const text = 'The Punter is a cheap pub near the river.';
let folder = '';

async function sara(...parameters: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [cli, ...parameters, '--json'], { maxBuffer: 2 ** 26 });
  return stdout;
}

/** Merges the run and gives the exported folder. */
async function exportMerged(name: string, dtype: string): Promise<string> {
  const out = path.join(folder, name);
  await sara('merge', path.join(folder, 'run'), '--out', out, '--dtype', dtype);
  return out;
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sara-transformers-'));
  const training = ['--steps', '4', '--batch-size', '4', '--seq-len', '128', '--lr', '3e-3', '--threshold', '0.1'];
  await sara(
    'train',
    storiesFolder,
    '--data',
    data,
    '--max-rows',
    '40',
    '--out',
    path.join(folder, 'run'),
    ...training,
  );
}, 120_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the exported folder', () => {
  test.each(['f32', 'bf16'] as const)(
    'is complete in %s: names, shapes and types as the base model has them',
    async (dtype) => {
      const out = await exportMerged(dtype, dtype);
      const signal = new AbortController().signal;
      const base = await openModel(storiesFolder, signal);
      const merged = await openModel(out, signal);
      try {
        const shapes = ({ source }: typeof base) =>
          Object.fromEntries([...source.tensors].map(([name, { shape }]) => [name, shape]));
        expect(shapes(merged)).toEqual(shapes(base));
        expect(new Set([...merged.source.tensors.values()].map(({ type }) => type))).toEqual(
          new Set([dtype.toUpperCase()]),
        );
        expect(merged.config['dtype']).toBe({ f32: 'float32', bf16: 'bfloat16' }[dtype]);
      } finally {
        await base.close();
        await merged.close();
      }
      expect(
        readFileSync(path.join(out, 'tokenizer.json')).equals(readFileSync(path.join(storiesFolder, 'tokenizer.json'))),
      ).toBe(true);
    },
  );

  test.skipIf(!hasTransformers)(
    'loads in transformers, with the same tokens and the same loss',
    async () => {
      const out = await exportMerged('for-transformers', 'f32');
      const model = await openModel(out, new AbortController().signal);
      const tokenizer = await model.tokenizer();
      const ids = tokenizer.encode(text, false);
      await model.close();
      const { stdout } = await run(python, ['-c', program, out, JSON.stringify(ids), text]);
      const answer = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
        readonly problems: readonly string[];
        readonly loss: number;
        readonly ids: readonly number[];
      };
      expect(answer.problems).toEqual([]);
      expect(answer.ids).toEqual(ids);
      const rows = path.join(folder, 'rows.jsonl');
      writeFileSync(rows, `${JSON.stringify({ text })}\n`);
      const { loss } = JSON.parse(await sara('evaluate', out, '--data', rows, '--raw')) as { readonly loss: number };
      expect(Math.abs(answer.loss - loss)).toBeLessThan(1e-4);
    },
    180_000,
  );
});
