// Every broken model folder gets the reaction that fixtures/corrupt/README.md demands. A reader that trusted the file
// would crash, allocate without bound, read outside the folder or put zeros in place of missing data.
import { readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src-main/contract/errors.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { requireArch } from '../../../src-main/models/openedModel.ts';
import { appErrorOf } from '../../support/appErrorOf.ts';
import { goldenPath } from '../../support/goldenPath.ts';

const { signal } = new AbortController();
const q = 'model.layers.0.self_attn.q_proj.weight';

function folder(name: string): string {
  return goldenPath('corrupt', 'models', name);
}

const refused: Readonly<Record<string, readonly [ErrorCode, ...RegExp[]]>> = {
  'empty-file': ['SAFETENSORS_INVALID', /model\.safetensors/, /0 bytes, too short for a safetensors header/],
  'truncated-data': ['SAFETENSORS_INVALID', /24256 bytes of data but holds 23256/, new RegExp(q)],
  'header-length-beyond-file': ['SAFETENSORS_INVALID', /header of 101472 bytes, beyond the end of the file/],
  'header-not-json': ['SAFETENSORS_INVALID', /model\.safetensors/, /not valid JSON/],
  'header-not-utf8': ['SAFETENSORS_INVALID', /not valid UTF-8/],
  'offsets-reversed': ['SAFETENSORS_INVALID', /invalid offsets/, new RegExp(q)],
  'offsets-beyond-file': ['SAFETENSORS_INVALID', /beyond the end of the data/, new RegExp(q)],
  'integer-dtype': ['TENSOR_INVALID', /must be floating point/, /I32/, new RegExp(q)],
  'shape-overflow': ['SAFETENSORS_INVALID', new RegExp(q), /316912650057057350374175801344/],
  'more-layers-than-tensors': ['TENSOR_MISSING', /model\.layers\.1\./],
  'index-path-traversal': ['SAFETENSORS_INVALID', /a shard must lie in the model folder/, /\.\.\/sound/],
  'index-tensor-not-in-shard': ['TENSOR_MISSING', new RegExp(q)],
  'config-not-json': ['CONFIG_INVALID', /config\.json/, /not valid JSON/],
  'config-heads-not-dividing': ['CONFIG_INVALID', /num_attention_heads 3/, /hidden_size 16/],
  'config-zero-layers': ['CONFIG_INVALID', /num_hidden_layers must be at least 1/],
  'config-huge-layers': ['TENSOR_MISSING', /model\.layers\.1\./],
};

const opened = [
  'sound',
  'nan-tensor',
  'zero-tensor',
  'tokenizer-not-json',
  'tokenizer-id-beyond-vocabulary',
  'config-unknown-family',
];

describe('broken model folders', () => {
  it('has an expectation for every fixture', () => {
    expect([...Object.keys(refused), ...opened].sort()).toEqual(readdirSync(folder('')).sort());
  });

  it.each(Object.entries(refused))('refuses %s in plain words', async (name, [code, ...patterns]) => {
    const error = await appErrorOf(openModel(folder(name), signal));
    expect(error.code).toBe(code);
    for (const pattern of patterns) expect(error.message).toMatch(pattern);
  });

  it('opens the sound model and reads a weight', async () => {
    const model = await openModel(folder('sound'), signal);
    expect(model.summary).toMatchObject({ trainable: true, family: 'llama', layers: 1, warnings: [] });
    const rows = await model.source.readRows(q, 0, 16);
    expect(rows).toHaveLength(256);
    expect(rows.every(Number.isFinite)).toBe(true);
    await model.close();
  });

  it('reads a NaN as it is, for whoever computes with it to refuse', async () => {
    const model = await openModel(folder('nan-tensor'), signal);
    const rows = await model.source.readRows(q, 0, 16);
    expect(rows.filter(Number.isNaN)).toHaveLength(1);
    await model.close();
  });

  it('opens a model with a broken tokenizer, warns of it by name and refuses the tokenizer', async () => {
    const model = await openModel(folder('tokenizer-not-json'), signal);
    expect(model.summary.warnings).toEqual([expect.stringMatching(/tokenizer\.json is not valid JSON/)]);
    const error = await appErrorOf(model.tokenizer());
    expect(error.code).toBe('TOKENIZER_INVALID');
    expect(error.message).toMatch(/tokenizer\.json/);
    await model.close();
  });

  it('warns of a token id beyond the vocabulary and works without it', async () => {
    const model = await openModel(folder('tokenizer-id-beyond-vocabulary'), signal);
    expect(model.summary.warnings).toEqual([expect.stringMatching(/token id 999.*256 tokens/)]);
    const tokenizer = await model.tokenizer();
    expect(tokenizer.encode('abc', false)).toEqual([97, 98, 99]);
    await model.close();
  });

  it('refuses text that needs an id beyond the vocabulary', async () => {
    const copy = await mkdtemp(path.join(tmpdir(), 'sara-'));
    await cp(folder('tokenizer-id-beyond-vocabulary'), copy, { recursive: true });
    const file = path.join(copy, 'tokenizer.json');
    const tokenizerJson = JSON.parse(await readFile(file, 'utf8')) as { model: { merges: string[][] } };
    // The fixture has no merge that reaches its token 999, "zz".
    tokenizerJson.model.merges.push(['z', 'z']);
    await writeFile(file, JSON.stringify(tokenizerJson));
    const model = await openModel(copy, signal);
    const tokenizer = await model.tokenizer();
    expect(() => tokenizer.encode('fizz', false)).toThrow(/token id 999.*256 tokens/);
    await model.close();
    await rm(copy, { recursive: true });
  });

  it('opens an unknown family for analysis and names the supported ones', async () => {
    const model = await openModel(folder('config-unknown-family'), signal);
    expect(model.summary.trainable).toBe(false);
    expect(model.summary.reason).toMatch(/"starfish" is not supported.*llama.*gpt2/);
    expect(model.summary.targets.map(({ module }) => module)).toEqual(
      expect.arrayContaining(['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj']),
    );
    expect(model.summary.targets).toHaveLength(7);
    expect(() => requireArch(model)).toThrow(expect.objectContaining({ code: 'FAMILY_UNSUPPORTED' }));
    await model.close();
  });
});
