/** `sara merge`: the folder it writes is complete and holds what the base model’s does. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src-main/models/open.ts';
import { storiesFolder } from '../../support/goldenPath.ts';

const run = promisify(execFile);
const cli = path.join(import.meta.dirname, '..', '..', '..', 'out', 'cli', 'cli.cjs');
const data = path.join(storiesFolder, '..', 'e2e', 'train.jsonl');
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
});
