import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DecoderDescription } from '../../../src-main/models/families/family.ts';
import { linearsOf } from '../../../src-main/models/families/family.ts';
import { findFamily, supportedFamilies } from '../../../src-main/models/families/registry.ts';
import type { JsonObject } from '../../../src-main/models/jsonFile.ts';
import { openModel } from '../../../src-main/models/open.ts';
import { goldenPath } from '../../support/goldenPath.ts';

const fixtures = [
  ...['llama/model', 'gpt2/model', 'qwen2/model', 'more/mistral', 'more/mistral-window', 'more/qwen3', 'more/llama3'],
  ...['more/gemma2', 'more/gemma3_text', 'more/phi3', 'more/phi3-partial'],
];

function configOf(fixture: string): JsonObject {
  return JSON.parse(readFileSync(path.join(goldenPath(fixture), 'config.json'), 'utf8')) as JsonObject;
}

function describeConfig(config: JsonObject): DecoderDescription {
  const family = findFamily(String(config['model_type']));
  if (family === undefined) throw new Error('no family');
  return family.describe(config, 'config.json');
}

/** Every layer stated, so that two descriptions can be compared. */
function expanded({ layer, ...rest }: DecoderDescription): unknown {
  return { ...rest, layers: Array.from({ length: rest.layerCount }, (_, index) => layer(index)) };
}

function without(config: JsonObject, ...keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !keys.includes(key)));
}

describe('families', () => {
  it('has one for each kind of fixture', () => {
    const types = fixtures.map((fixture) => configOf(fixture)['model_type']);
    expect([...new Set(types)].sort()).toEqual([...supportedFamilies].sort());
  });

  it.each(fixtures)('%s: every tensor of the file belongs to the stated decoder', async (fixture) => {
    const model = await openModel(goldenPath(fixture), new AbortController().signal);
    expect(model.summary).toMatchObject({ trainable: true, warnings: [] });
    const { arch } = model;
    const matrices = arch?.layers.flatMap((layer) => linearsOf(layer).map(({ name }) => `${name}.weight`)) ?? [];
    const inLayers = [...model.source.tensors.values()].filter(
      ({ name, shape }) => shape.length === 2 && /\.\d+\./.test(name),
    );
    expect([...matrices].sort()).toEqual(inLayers.map(({ name }) => name).sort());
    await model.close();
  });

  it.each(fixtures)('%s: the keys of transformers 4 and of transformers 5 say the same', (fixture) => {
    const config = configOf(fixture);
    const both = expanded(describeConfig(config));
    const version4 = without(config, 'rope_parameters', 'dtype', 'layer_types');
    const version5 = without(
      config,
      ...[
        'rope_theta',
        'rope_scaling',
        'rope_local_base_freq',
        'partial_rotary_factor',
        'torch_dtype',
        'sliding_window_pattern',
      ],
    );
    expect(expanded(describeConfig(version4))).toEqual(both);
    expect(expanded(describeConfig(version5))).toEqual(both);
  });

  it('states windows, caps, scales and rotary bases where the fixtures have them', () => {
    const gemma2 = describeConfig(configOf('more/gemma2'));
    expect(gemma2).toMatchObject({ embeddingScale: 8, logitSoftcap: 6, headDim: 32 });
    expect(gemma2.layer(0).attention).toMatchObject({ window: 8, softcap: 4, scale: 1 / Math.sqrt(24) });
    expect(gemma2.layer(1).attention.window).toBeUndefined();
    expect(gemma2.layer(0).attentionPostNorm?.name).toBe('model.layers.0.post_attention_layernorm');
    const gemma3 = describeConfig(configOf('more/gemma3_text'));
    expect([0, 1].map((layer) => gemma3.layer(layer).attention.rope?.theta)).toEqual([10_000, 1_000_000]);
    expect(gemma3.layer(0).attention.qNorm).toMatchObject({ plusOne: true, kind: 'rms' });
    expect(describeConfig(configOf('more/mistral-window')).layer(1).attention.window).toBe(8);
    expect(describeConfig(configOf('more/phi3-partial')).layer(0).attention.rope?.dimensions).toBe(8);
    expect(describeConfig(configOf('more/llama3')).layer(0).attention.rope?.scaling).toEqual({
      ...{ type: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 64 },
    });
  });

  it('takes Qwen 2 windows from the first sliding layer on, and only when they are switched on', () => {
    const config: JsonObject = {
      ...without(configOf('qwen2/model'), 'layer_types'),
      sliding_window: 16,
      max_window_layers: 1,
    };
    const windows = (json: JsonObject): unknown[] =>
      [0, 1].map((layer) => describeConfig(json).layer(layer).attention.window);
    expect(windows({ ...config, use_sliding_window: true })).toEqual([undefined, 16]);
    expect(windows({ ...config, use_sliding_window: false })).toEqual([undefined, undefined]);
  });

  it.each<[string, JsonObject, string, RegExp]>([
    ['a missing key', without(configOf('llama/model'), 'hidden_size'), 'CONFIG_INVALID', /has no hidden_size/],
    [
      'text for a number',
      { ...configOf('llama/model'), vocab_size: '256' },
      'CONFIG_INVALID',
      /vocab_size must be .*"256"/,
    ],
    ['a fraction', { ...configOf('llama/model'), num_hidden_layers: 1.5 }, 'CONFIG_INVALID', /num_hidden_layers.*1\.5/],
    [
      'kv heads that do not divide',
      { ...configOf('llama/model'), num_key_value_heads: 3 },
      'CONFIG_INVALID',
      /num_key_value_heads 3.*num_attention_heads 4/,
    ],
    ['an unknown activation', { ...configOf('llama/model'), hidden_act: 'relu6' }, 'FAMILY_UNSUPPORTED', /relu6/],
    [
      'an unknown rotary scaling',
      { ...configOf('llama/model'), rope_parameters: { rope_type: 'yarn', factor: 4 } },
      'FAMILY_UNSUPPORTED',
      /yarn/,
    ],
    [
      'a layer list of another length',
      { ...configOf('more/gemma2'), layer_types: ['full_attention'] },
      'CONFIG_INVALID',
      /layer_types has 1 entries for 2 layers/,
    ],
  ])('says what is wrong: %s', (_, config, code, message) => {
    const act = (): unknown => describeConfig(config);
    expect(act).toThrow(expect.objectContaining({ code }));
    expect(act).toThrow(message);
  });
});
