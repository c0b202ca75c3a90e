import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endingsInRows, placesBeforeEnds } from '../../../src-main/export/answers.ts';
import { paddedFactors, scaledFactors, type AdapterFactors } from '../../../src-main/export/adapterFactors.ts';
import { withType } from '../../../src-main/export/configText.ts';
import { logitChecks } from '../../../src-main/export/exportBounds.ts';
import { contentCheck, stopCheck, tensorCheck } from '../../../src-main/export/exportChecks.ts';
import { likelyCause } from '../../../src-main/export/likelyCause.ts';
import { goChatTemplate, goPlainTemplate } from '../../../src-main/export/ollamaTemplate.ts';
import { openOutput } from '../../../src-main/export/outputFolder.ts';
import { shortenedRows } from '../../../src-main/export/shortenedRows.ts';
import { inspectFile } from '../../../src-main/models/inspectFile.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { goldenPath } from '../../support/goldenPath.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-export-'));
});
afterEach(async () => rm(folder, { recursive: true }));

describe('config.json with another type', () => {
  // Bug caught: a parser turns 50.0 into 50, which transformers 5 refuses to load.
  test('keeps every other character', () => {
    const text = '{\n "cap": 50.0,\n "inner": {"dtype": "float16"},\n "dtype": "bfloat16", "eps": 1e-05\n}\n';
    expect(withType(text, 'float32')).toBe(text.replace('"bfloat16"', '"float32"'));
  });

  test('sets both keys where there are both, and adds the older one where there is none', () => {
    expect(withType('{"torch_dtype": null, "dtype": "x"}', 'float16')).toBe(
      '{"torch_dtype": "float16", "dtype": "float16"}',
    );
    expect(JSON.parse(withType('{"a": [1, {"b": 2}]}', 'float16'))).toEqual({
      torch_dtype: 'float16',
      a: [1, { b: 2 }],
    });
  });
});

describe('factors of an adapter', () => {
  const factors: AdapterFactors = {
    name: 'm',
    rank: 2,
    A: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    B: { shape: [2, 2], data: Float32Array.of(7, 8, 9, 10) },
  };
  const product = ({ rank, A, B }: AdapterFactors): number[] =>
    [0, 1].flatMap((row) =>
      [0, 1, 2].map((column) =>
        Array.from({ length: rank }, (_, k) => (B.data[row * rank + k] ?? 0) * (A.data[k * 3 + column] ?? 0)).reduce(
          (a, b) => a + b,
        ),
      ),
    );

  // Bug caught: padding the rows of B instead of its columns shifts every row.
  test('filled up with zeros give the same product, however many rows are read at once', async () => {
    const { A, B } = paddedFactors(factors, 5);
    const rows = async ({ shape, readRows }: typeof A, piece: number) => {
      const pieces: number[] = [];
      for (let from = 0; from < shape[0]; from += piece) {
        pieces.push(...(await readRows(from, Math.min(piece, shape[0] - from))));
      }
      return { shape, data: Float32Array.from(pieces) };
    };
    for (const piece of [1, 2, 5]) {
      const padded = { name: 'm', rank: 5, A: await rows(A, piece), B: await rows(B, piece) };
      expect(padded.B.shape).toEqual([2, 5]);
      expect(product(padded)).toEqual(product(factors));
    }
  });

  test('are scaled in B', () => {
    expect(product(scaledFactors(factors, 0.5))).toEqual(product(factors).map((value) => value / 2));
  });
});

describe('one GGUF file as output', () => {
  test('appears with its report beside it, and nothing else is left', async () => {
    const output = await openOutput(path.join(folder, 'model.gguf'), 10, 'inner.gguf');
    await writeFile(path.join(output.staging, 'inner.gguf'), 'gguf');
    await writeFile(path.join(output.staging, 'README.md'), 'card');
    await writeFile(path.join(output.staging, 'export_report.json'), '{}');
    await expect(access(path.join(folder, 'model.gguf'))).rejects.toThrow();
    await output.commit();
    await output.discard();
    expect((await readdir(folder)).sort()).toEqual(['model.export_report.json', 'model.gguf']);
  });

  test('never takes the place of a file that is there', async () => {
    await writeFile(path.join(folder, 'model.gguf'), 'mine');
    const error = await appErrorOf(openOutput(path.join(folder, 'model.gguf'), 10, 'inner.gguf'));
    expect(error.code).toBe('TARGET_EXISTS');
  });
});

describe('checks', () => {
  const planned = [{ name: 'a', shape: [2, 3], type: 'F16', bytes: 12 }] as const;

  test('a missing, extra or different tensor fails', () => {
    const found = new Map([['a', { shape: [2, 3], type: 'F16' }]]);
    expect(tensorCheck(planned, found).passed).toBe(true);
    expect(tensorCheck(planned, new Map([['a', { shape: [3, 2], type: 'F16' }]])).passed).toBe(false);
    expect(tensorCheck(planned, new Map([...found, ['b', { shape: [1], type: 'F32' }]])).passed).toBe(false);
    expect(tensorCheck(planned, new Map()).passed).toBe(false);
  });

  test('a file of weights that is not read back as it was written fails, and so does one that is missing', () => {
    const file = { name: 'w', bytes: 1, sha256: 'aa' };
    expect(contentCheck(new Map([['w', 'aa']]), [file]).passed).toBe(true);
    expect(contentCheck(new Map([['w', 'ab']]), [file]).passed).toBe(false);
    expect(contentCheck(new Map([['v', 'aa']]), [file])).toMatchObject({ passed: false, value: 'v differs' });
  });

  test('ends are looked for where an end token follows within a row, never across two', () => {
    // 9 ends: after token 1 of the first row, and after the first of the second; the third begins with it.
    const batch = { tokens: Int32Array.of(5, 6, 9, 7, 9, 9), positions: new Int32Array(6), lengths: [3, 2, 1] };
    expect(placesBeforeEnds(batch, new Set([9]))).toEqual([1, 3]);
    const logits = new Float32Array(60);
    logits[1 * 10 + 9] = 1;
    logits[3 * 10 + 4] = 1;
    expect(endingsInRows(logits, batch, [9])).toEqual([{ stopped: 'end-token' }, { stopped: 'length' }]);
  });

  test('an answer that no longer ends fails, one that never did does not', () => {
    const ends = { ids: [1], stopped: 'end-token' as const };
    const goesOn = { ids: [1, 2], stopped: 'length' as const };
    expect(stopCheck([ends, goesOn], [goesOn, goesOn]).passed).toBe(false);
    expect(stopCheck([ends, goesOn], [ends, goesOn]).passed).toBe(true);
    expect(stopCheck([goesOn], [goesOn]).passed).toBe(true);
  });

  // Bug caught: a NaN passes every comparison with `>`.
  test('differences above the bound of the type fail, and so does NaN', () => {
    const comparison = { maxAbsLogitDiff: 0.1, kl: 1e-4, topOneAgreement: 1, positions: 100 };
    expect(logitChecks(comparison, 'F16').every(({ passed }) => passed)).toBe(true);
    expect(logitChecks(comparison, 'F32').map(({ passed }) => passed)).toEqual([false, false, true]);
    const broken = { maxAbsLogitDiff: NaN, kl: NaN, topOneAgreement: NaN, positions: 100 };
    expect(logitChecks(broken, 'Q4_0').some(({ passed }) => passed)).toBe(false);
  });

  test('the cause named is the first that explains the others', () => {
    const failed = (name: string) => ({ name, passed: false, value: '', bound: '' });
    const logit = failed('KL divergence');
    expect(likelyCause([failed('Files as written'), logit], 'F32')).toMatch(/drive/);
    expect(likelyCause([failed('Same tokens'), logit], 'F32')).toMatch(/tokenizer/);
    expect(likelyCause([logit], 'Q4_0')).toMatch(/more bits/);
    expect(likelyCause([logit], 'BF16')).toMatch(/f32/);
    expect(likelyCause([logit], 'F32')).toMatch(/configuration/);
  });
});

describe('the rows of a comparison', () => {
  test('are cut to what a format can hold', () => {
    const probe = {
      batch: {
        tokens: Int32Array.of(1, 2, 3, 4, 5),
        positions: Int32Array.of(0, 1, 2, 0, 1),
        lengths: [3, 2],
      },
      prompts: [[1], [1, 2, 3]],
      texts: [],
    };
    const { batch, prompts } = shortenedRows(probe, 2);
    expect([...batch.tokens]).toEqual([1, 2, 4, 5]);
    expect([...batch.positions]).toEqual([0, 1, 0, 1]);
    expect(batch.lengths).toEqual([2, 2]);
    expect(prompts).toEqual([[1]]);
  });
});

describe('templates in Go’s syntax', () => {
  // Bug caught: braces in a chat format end up as instructions of the template.
  test('write braces of the format as text', () => {
    const shape = { opening: '{{U}} ', between: ' A ', next: ' N ', close: ' {{', system: undefined };
    expect(goChatTemplate(shape)).toContain('{{ "{{" }}U{{ "}}" }}');
  });

  test('end an answer of the plain layout with the end token', () => {
    expect(goPlainTemplate('</s>')).toContain('{{ .Content }}{{ if eq .Role "assistant" }}</s>{{ else }}\n{{ end }}');
  });
});

describe('the contents of a file', () => {
  test('safetensors: tensors in the order of the file, with metadata', async () => {
    const contents = await inspectFile(goldenPath('llama', 'model', 'model.safetensors'));
    expect(contents).toMatchObject({ format: 'safetensors', metadata: [{ key: 'format', value: 'pt' }] });
    expect(contents.tensors.find(({ name }) => name === 'model.norm.weight')).toEqual({
      name: 'model.norm.weight',
      shape: [64],
      type: 'F32',
      bytes: 256,
    });
  });

  test('GGUF: metadata with lists shortened, tensors row-major', async () => {
    const { format, metadata, tensors } = await inspectFile(goldenPath('llama', 'base-f32.gguf'));
    expect(format).toBe('gguf');
    const tokens = metadata.find(({ key }) => key === 'tokenizer.ggml.tokens')?.value as {
      length: number;
      first: string[];
    };
    expect(tokens.length).toBe(256);
    expect(tokens.first).toHaveLength(20);
    expect(tensors.find(({ name }) => name === 'blk.0.ffn_down.weight')).toMatchObject({
      shape: [64, 176],
      type: 'F32',
      bytes: 45_056,
    });
  });

  test('a file that is neither is refused as what it is called', async () => {
    const file = path.join(folder, 'x.gguf');
    await writeFile(file, 'not a model at all');
    expect((await appErrorOf(inspectFile(file))).code).toBe('GGUF_INVALID');
    const other = path.join(folder, 'x.safetensors');
    await writeFile(other, 'no');
    expect((await appErrorOf(inspectFile(other))).code).toBe('SAFETENSORS_INVALID');
  });
});
