/** Every format, from a run to files and back, through the operations that the window and the command line call. */
import { chmod, cp, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test, vi } from 'vitest';
import { exportFormatNames, ggufQuants } from '../../../src-main/contract/exportFormats.ts';
import type { ExportResult } from '../../../src-main/contract/results.ts';
import type { RunRecord } from '../../../src-main/contract/training.ts';
import { inspectFile } from '../../../src-main/models/inspectFile.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { tensorToWrite, writeSafetensors, type TensorToWrite } from '../../../src-main/models/safetensors/writer.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { exportChoices, exportRun, liveTensors, trainRun, verifyExport } from '../../support/exportRuns.ts';
import { goldenPath, storiesFolder } from '../../support/goldenPath.ts';
import { asOrdinaryPerson } from '../../support/ordinaryPerson.ts';
import { noSignal } from '../../support/tensorBackend.ts';

let folder = '';
let run = '';
let otherRun = '';
let alive = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sara-formats-'));
  // Others must be able to read, for the trials without the rights of root.
  await chmod(folder, 0o755);
  const base = path.join(folder, 'stories260K');
  await cp(storiesFolder, base, { recursive: true });
  run = await trainRun(base, path.join(folder, 'trained'));
  otherRun = await trainRun(storiesFolder, path.join(folder, 'other'), { seed: 21 });
});
afterAll(async () => rm(folder, { recursive: true }));
beforeEach(async () => {
  alive = await liveTensors();
});
afterEach(async () => {
  expect(await liveTensors(), 'tensors alive after the test').toBe(alive);
});

const place = (name: string): string => path.join(folder, name);

describe.each(exportFormatNames)('the format %s', (format) => {
  // Bug caught: a check that compares the model in memory with itself would pass with any files.
  test('is written, read again alone, and verified later', async () => {
    const out = place(`all-${format}`);
    const result = await exportRun(run, format, out);
    expect(result.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(result.files.length).toBeGreaterThan(0);
    expect(await readdir(out)).toContain('export_report.json');
    const verified = await verifyExport(out, run);
    expect(verified).toMatchObject({ format, passed: true, type: result.type });
  });

  test('is told apart from the run it was not made from', async () => {
    const verified = await verifyExport(place(`all-${format}`), otherRun);
    expect(verified.passed).toBe(false);
    expect(verified.likelyCause).toBeDefined();
  });

  test('is listed with the tensors, shapes and types of its report', async () => {
    const out = place(`all-${format}`);
    const report = JSON.parse(await readFile(path.join(out, 'export_report.json'), 'utf8')) as Pick<
      ExportResult,
      'tensors'
    >;
    const listed = await inspectFile(path.join(out, await weightsIn(out)));
    const facts = ({ name, shape, type }: { name: string; shape: readonly number[]; type: string }) =>
      [name, type, ...shape].join(' ');
    expect(listed.tensors.map(facts).sort()).toEqual(report.tensors?.map(facts).sort());
    expect(listed.metadata.length).toBeGreaterThan(0);
  });

  // Bug caught: only the kinds whose hashes somebody thought of are compared.
  test('with one changed byte is a failure that names the likely cause', async () => {
    const out = place(`changed-${format}`);
    await cp(place(`all-${format}`), out, { recursive: true });
    await changeByte(path.join(out, await weightsIn(out)));
    const verified = await verifyExport(out, run);
    expect(verified.passed).toBe(false);
    expect(verified.checks.find(({ name }) => name === 'Files as written')?.passed).toBe(false);
    expect(verified.likelyCause).toMatch(/drive/);
  });
});

/** Name of the one file of weights in an export. */
async function weightsIn(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /\.(safetensors|gguf)$/.test(name));
  expect(names).toHaveLength(1);
  return names[0] ?? '';
}

async function changeByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 0x40, bytes.length - 1);
  await writeFile(file, bytes);
}

// Bug caught: the report of a single file lies beside it, where nobody looked.
test('one GGUF file is compared with the report beside it, and with that of its folder', async () => {
  const out = place('alone.gguf');
  await exportRun(run, 'gguf', out, { quant: 'q8_0' });
  const passed = await verifyExport(out, run);
  expect(passed).toMatchObject({ passed: true, type: 'Q8_0' });
  expect(passed.checks.find(({ name }) => name === 'Files as written')?.value).toBe('1 files');
  await changeByte(out);
  expect((await verifyExport(out, run)).likelyCause).toMatch(/drive/);
  const inFolder = path.join(place('changed-gguf'), await weightsIn(place('changed-gguf')));
  expect((await verifyExport(inFolder, run)).likelyCause).toMatch(/drive/);
});

test('what is a folder of files is not written under the name of a GGUF file', async () => {
  for (const format of ['hf', 'peft', 'ollama', 'native'] as const) {
    const error = await appErrorOf(exportRun(run, format, place(`${format}.gguf`)));
    expect(error).toMatchObject({ code: 'SETTINGS_INVALID', message: expect.stringContaining('without .gguf') });
  }
});

test('an Ollama folder says what Ollama needs: weights, layout of turns, end, system turn and licence', async () => {
  const trained = await trainRun(await withLicence(place('licensed')), place('for-ollama'), {
    data: { ...(await dataOf(run)), systemPrompt: 'Be "brief".' },
  });
  const out = place('ollama');
  await exportRun(trained, 'ollama', out, { quant: 'q8_0' });
  expect(await readFile(path.join(out, 'Modelfile'), 'utf8')).toBe(
    [
      'FROM ./ollama-Q8_0.gguf',
      'PARAMETER repeat_penalty 1',
      'TEMPLATE """{{ range .Messages }}{{ .Content }}{{ if eq .Role "assistant" }}</s>{{ else }}',
      '{{ end }}{{ end }}"""',
      'PARAMETER stop "</s>"',
      'SYSTEM """Be "brief"."""',
      'LICENSE """As you like."""',
      '',
    ].join('\n'),
  );
});

async function withLicence(folder: string): Promise<string> {
  await cp(storiesFolder, folder, { recursive: true });
  await writeFile(path.join(folder, 'LICENSE'), 'As you like.');
  return folder;
}

async function dataOf(folder: string): Promise<RunRecord['config']['data']> {
  return (JSON.parse(await readFile(path.join(folder, 'run.json'), 'utf8')) as RunRecord).config.data;
}

// Bug caught: a head of its own beside a tied embedding, which readers that untie it take for the trained one.
test('a tied model is written without a copy of its head, however the base was stored', async () => {
  const base = place('base-with-copy');
  await cp(goldenPath('more', 'qwen3'), base, { recursive: true });
  const original = await openModel(goldenPath('more', 'qwen3'), noSignal);
  const tensors: TensorToWrite[] = [];
  for (const { name, shape } of original.source.tensors.values()) {
    const values = await original.source.readRows(name, 0, shape[0] ?? 0);
    tensors.push(tensorToWrite(name, shape, values));
    if (name === 'model.embed_tokens.weight') tensors.push(tensorToWrite('lm_head.weight', shape, values));
  }
  expect(original.config['tie_word_embeddings']).toBe(true);
  await original.close();
  await writeSafetensors(path.join(base, 'model.safetensors'), tensors);
  for (const format of ['hf', 'gguf'] as const) {
    const out = place(`tied-${format}`);
    await exportRun(base, format, out);
    const { tensors: written } = await inspectFile(path.join(out, await weightsIn(out)));
    expect(written.map(({ name }) => name).filter((name) => /lm_head|^output\./.test(name))).toEqual([]);
    expect(written).toHaveLength(tensors.length - 1);
  }
  const config = JSON.parse(await readFile(path.join(place('tied-hf'), 'config.json'), 'utf8')) as object;
  expect(config).toMatchObject({ tie_word_embeddings: true });
});

test('a large model is sharded, and the shards are read as one model', async () => {
  const out = place('sharded');
  await exportRun(run, 'hf', out, { dtype: 'f16', shardBytes: 100_000 });
  const names = await readdir(out);
  expect(names.filter((name) => /^model-\d{5}-of-\d{5}\.safetensors$/.test(name)).length).toBeGreaterThan(3);
  expect(names).toContain('model.safetensors.index.json');
  const model = await openModel(out, noSignal);
  expect(model.summary).toMatchObject({ dtypes: ['F16'], parameters: 260_032 });
  await model.close();
});

test('a model card says from what, how and with which result', async () => {
  const card = await readFile(path.join(place('all-hf'), 'README.md'), 'utf8');
  for (const fact of ['base_model: "stories260K"', 'threshold 0.25', 'Ranks', 'Seed', 'data.jsonl', 'SARA Studio']) {
    expect(card).toContain(fact);
  }
});

test('every tokenizer and generation file of a base is carried over byte for byte', async () => {
  const base = place('base-with-all');
  await cp(storiesFolder, base, { recursive: true });
  const others = {
    'special_tokens_map.json': '{ "bos_token": "<s>" }',
    'added_tokens.json': '{}\r\n',
    'vocab.json': '{"a":0}',
    'merges.txt': '#version: 0.2\n',
    'tokenizer.model': '\u0000\u0001binary',
    'chat_template.jinja': '{{ messages }}',
    LICENSE: 'As you like.',
    NOTICE: 'Notice.',
  };
  for (const [name, text] of Object.entries(others)) await writeFile(path.join(base, name), text);
  const out = place('carried');
  await exportRun(base, 'hf', out);
  for (const name of [...Object.keys(others), 'tokenizer.json', 'tokenizer_config.json', 'generation_config.json']) {
    const [before, after] = [await readFile(path.join(base, name)), await readFile(path.join(out, name))];
    expect({ name, same: after.equals(before) }).toEqual({ name, same: true });
  }
});

// Bug caught: answers that never end in a program which reads another file than this app.
test('files that name different end tokens are told, and none that agree', async () => {
  const base = place('base-with-other-end');
  await cp(storiesFolder, base, { recursive: true });
  const config = await readFile(path.join(base, 'config.json'), 'utf8');
  await writeFile(path.join(base, 'config.json'), config.replace(/"eos_token_id": \d+/, '"eos_token_id": 5'));
  const other = await exportRun(base, 'hf', place('other-end'));
  expect(other.notes).toEqual([expect.stringMatching(/^config\.json of the base names 5 .* tokenizer 2;/)]);
  const same = await exportRun(storiesFolder, 'hf', place('same-end'));
  expect(same.notes).toEqual([]);
});

test('files of the base that readers need are carried over with a run', async () => {
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json']) {
    const [own, base] = [
      await readFile(path.join(place('all-hf'), name)),
      await readFile(path.join(storiesFolder, name)),
    ];
    expect(own.equals(base)).toBe(true);
  }
});

test('the universal adapter has one rank and scale 1, the compact one a rank for each matrix', async () => {
  const config = async (name: string) =>
    JSON.parse(await readFile(path.join(place(name), 'adapter_config.json'), 'utf8')) as Record<string, unknown>;
  const universal = await config('all-peft');
  expect(universal).toMatchObject({ rank_pattern: {}, alpha_pattern: {}, use_rslora: false, bias: 'none' });
  expect(universal['lora_alpha']).toBe(universal['r']);
  const compact = await config('all-peft-compact');
  const ranks = Object.values(compact['rank_pattern'] as Record<string, number>);
  expect(ranks.length).toBeGreaterThan(0);
  expect(ranks.every((rank) => rank >= 1 && rank < Number(compact['r']))).toBe(true);
});

test('from a GGUF base to a merged GGUF: its metadata are handed on', async () => {
  const base = goldenPath('llama', 'base-f32.gguf');
  const trained = await trainRun(base, place('from-gguf'));
  const out = place('merged.gguf');
  const result = await exportRun(trained, 'gguf', out, { quant: 'q8_0' });
  expect(result.files.map(({ name }) => name)).toEqual(['merged.gguf']);
  const [before, after] = [await openModel(base, noSignal), await openModel(out, noSignal)];
  expect(after.config).toEqual(before.config);
  expect(after.summary.dtypes[0]).toBe('Q8_0');
  await before.close();
  await after.close();
});

test('a model without a run is converted, and holds no adapter', async () => {
  await exportRun(storiesFolder, 'gguf', place('plain.gguf'), { quant: 'f16' });
  const error = await appErrorOf(exportRun(storiesFolder, 'peft', place('no-adapter')));
  expect(error).toMatchObject({ code: 'SETTINGS_INVALID', message: expect.stringContaining('holds no adapter') });
  expect(await readdir(folder)).not.toContain('no-adapter');
});

test('what cannot be is refused before anything is written', async () => {
  const error = await appErrorOf(exportRun(goldenPath('more', 'gemma2'), 'gguf', place('gemma')));
  expect(error.code).toBe('FAMILY_UNSUPPORTED');
  await writeFile(place('taken'), 'mine');
  expect((await appErrorOf(exportRun(run, 'native', place('taken')))).code).toBe('TARGET_EXISTS');
  expect(await readFile(place('taken'), 'utf8')).toBe('mine');
});

test('a cancelled export leaves nothing behind', async () => {
  const controller = new AbortController();
  controller.abort();
  const before = await readdir(folder);
  const error = await appErrorOf(exportRun(run, 'gguf', place('cancelled'), { signal: controller.signal }));
  expect(error.code).toBe('CANCELLED');
  expect(await readdir(folder)).toEqual(before);
});

// Bugs caught: half a model is left where a whole one is expected; a full disk is told as a fault of the app.
describe.each(exportFormatNames)('%s, interrupted while it is written', (format) => {
  test('a cancelled export leaves nothing, and the same target can be used again', async () => {
    const controller = new AbortController();
    const before = await readdir(folder);
    const onPhase = (phase: string): void => {
      if (phase === 'Writing the weights' || phase === 'Checking the written files') controller.abort();
    };
    const out = place(`cut-${format}`);
    const error = await appErrorOf(exportRun(run, format, out, { signal: controller.signal, onPhase }));
    expect(error.code).toBe('CANCELLED');
    expect(await readdir(folder)).toEqual(before);
  });

  test('a disk that gets full leaves nothing, and the sentence names the folder that was chosen', async () => {
    const before = await readdir(folder);
    const out = place(`full-${format}`);
    const handle = await open(place('any'), 'w');
    const prototype = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    await rm(place('any'));
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const spies = (['write', 'writeFile'] as const).map((name) => vi.spyOn(prototype, name).mockRejectedValue(full));
    const error = await appErrorOf(exportRun(run, format, out));
    for (const spy of spies) spy.mockRestore();
    expect(error).toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining(out) });
    expect(error.message).not.toContain('.tmp');
    expect(await readdir(folder)).toEqual(before);
  });
});

describe.each(exportFormatNames)('%s, into a place that cannot take it', (format) => {
  test('a folder that holds something stays as it was', async () => {
    const out = place(`held-${format}`);
    await mkdir(out);
    await writeFile(path.join(out, 'mine.txt'), 'mine');
    const error = await appErrorOf(exportRun(run, format, out));
    expect(error).toMatchObject({ code: 'TARGET_EXISTS', message: expect.stringContaining('choose') });
    expect(await readdir(out)).toEqual(['mine.txt']);
  });

  test('a read-only folder stays empty, and the sentence says what to do', async () => {
    const locked = place(`locked-${format}`);
    await mkdir(locked);
    await chmod(locked, 0o555);
    const error = await asOrdinaryPerson(() => appErrorOf(exportRun(run, format, path.join(locked, 'out'))));
    expect(error).toMatchObject({ code: 'NOT_WRITABLE', message: expect.stringContaining('choose another folder') });
    await chmod(locked, 0o755);
    expect(await readdir(locked)).toEqual([]);
  });
});

test('the choices tell the size that an export then has', async () => {
  const choices = await exportChoices(run);
  expect(choices.every(({ refusal }) => refusal === undefined)).toBe(true);
  const expected = new Map(choices.map(({ format, bytes }) => [format, bytes]));
  for (const quant of ggufQuants) {
    const out = place(`size-${quant}.gguf`);
    await exportRun(run, 'gguf', out, { quant });
    const report = JSON.parse(await readFile(place(`size-${quant}.export_report.json`), 'utf8')) as {
      tensors: { bytes: number }[];
    };
    expect(report.tensors.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(expected.get('gguf')?.[quant]);
  }
  const plain = await exportChoices(goldenPath('more', 'gemma2'));
  expect(plain.find(({ format }) => format === 'gguf')?.refusal).toMatch(/no place for/);
  expect(plain.find(({ format }) => format === 'peft')?.refusal).toMatch(/no adapter/);
  expect(plain.find(({ format }) => format === 'hf')?.refusal).toBeUndefined();
});
