/** The models of the check: one of each family, small, as fixtures hold them, and a real one. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TrainConfigInput } from '../../src-main/contract/requests.schema.ts';
import { openModel } from '../../src-main/models/open.ts';
import { tensorToWrite, writeSafetensors } from '../../src-main/models/safetensors/writer.ts';
import { valueCount } from '../../src-main/util/valueCount.ts';
import { registryModelPath } from '../../src-main/samples/sampleModels.ts';
import { Rng } from '../../src-main/util/rng.ts';
import { goldenPath, storiesFolder } from '../support/goldenPath.ts';

export interface CheckedFamily {
  readonly name: string;
  /** Settings of the training that differ from those of the small models. */
  readonly settings?: Partial<TrainConfigInput>;
  /** Token ids to be continued; ordinary ones of every small vocabulary where left out. */
  readonly tokens?: readonly number[];
  /** How much more than the small models it may differ: thirty layers round more often, and real models are surer. */
  readonly sensitivity?: number;
  /** Tokens up to which MLX computes the same; 0: it does not know the family by these names. All where left out. */
  readonly mlxTokens?: number;
  /** Makes the model ready; `folder` is for those that are changed first. */
  model(folder: string): Promise<string>;
}

/** Fixtures as they are. */
const whole: readonly (readonly [string, string])[] = [
  ['llama', goldenPath('llama', 'model')],
  ['llama, SentencePiece', storiesFolder],
  ['llama 3 (scaled rotary positions)', goldenPath('more', 'llama3')],
  ['mistral', goldenPath('more', 'mistral')],
  ['qwen2', goldenPath('qwen2', 'model')],
  ['qwen3', goldenPath('more', 'qwen3')],
  ['phi3', goldenPath('more', 'phi3')],
  ['phi3, partial rotary', goldenPath('more', 'phi3-partial')],
  ['gpt2', goldenPath('gpt2', 'model')],
];

/** Sizes of the llama fixture as they become where rows are to hold whole blocks of K-quants: 256 values. */
const wideSizes = new Map([
  [64, 256],
  [32, 128],
  [176, 512],
]);

/**
 * The fixtures of Gemma have a scale and windows of their own choosing, which GGUF files cannot state; here they have
 * those of the published models: the scale of the head size, and for Gemma 3 a window in five of six layers.
 */
const changed: readonly CheckedFamily[] = [
  {
    name: 'llama, rows of whole K-blocks',
    model: (folder) =>
      variant(
        goldenPath('llama', 'model'),
        folder,
        { head_dim: 64, hidden_size: 256, intermediate_size: 512 },
        widened,
      ),
  },
  {
    name: 'gemma2',
    // MLX has no windows for this family.
    mlxTokens: 8,
    model: (folder) => variant(goldenPath('more', 'gemma2'), folder, { query_pre_attn_scalar: 32 }),
  },
  {
    name: 'gemma3',
    model: (folder) => {
      const types = Array.from({ length: 6 }, (_, i) => (i === 5 ? 'full_attention' : 'sliding_attention'));
      return variant(
        goldenPath('more', 'gemma3_text'),
        folder,
        { query_pre_attn_scalar: 32, num_hidden_layers: 6, layer_types: types, sliding_window_pattern: 6 },
        (tensors) => repeated(tensors, 6),
      );
    },
  },
];

/** A real model from a quantised GGUF file, where `npm test` has brought it. */
const smollm2 = registryModelPath('smollm2-135m-instruct');
const real: readonly CheckedFamily[] =
  smollm2 === undefined
    ? []
    : [
        {
          name: 'SmolLM2-135M, from a Q4_1 GGUF',
          settings: {
            method: { name: 'sara', threshold: 0.02 },
            targets: ['q_proj', 'v_proj', 'down_proj'],
            learningRate: 1e-3,
          },
          // A question in the model's chat format: on other text it is unsure, and rounding decides.
          tokens: [1, 4093, 198, 1348, 253, 2512, 281, 260, 8410, 17, 2, 198, 1, 520, 9531, 198],
          sensitivity: 3,
          model: async () => Promise.resolve(smollm2),
        },
      ];

export const families: readonly CheckedFamily[] = [
  ...whole.map(([name, place]) => ({
    name,
    // MLX knows GPT-2 by the names of its first checkpoint, without `transformer.`.
    ...(name === 'gpt2' ? { mlxTokens: 0 } : {}),
    model: async () => Promise.resolve(place),
  })),
  ...changed,
  ...real,
];

interface NamedValues {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A copy with other settings and, where `change` is given, other tensors. */
async function variant(
  original: string,
  folder: string,
  settings: Readonly<Record<string, unknown>>,
  change?: (tensors: readonly NamedValues[]) => readonly NamedValues[],
): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'model.safetensors']) {
    await cp(path.join(original, name), path.join(folder, name));
  }
  // As text: a parser would turn 50.0 into 50, which transformers refuses.
  let config = await readFile(path.join(original, 'config.json'), 'utf8');
  for (const [key, value] of Object.entries(settings)) {
    const field = new RegExp(`"${key}": (\\[[^\\]]*\\]|[^,\\n]+)`);
    const text = `"${key}": ${JSON.stringify(value)}`;
    config = field.test(config) ? config.replace(field, text) : config.replace('{', `{ ${text},`);
  }
  await writeFile(path.join(folder, 'config.json'), config);
  if (change !== undefined) {
    const tensors = change(await tensorsOf(original)).map(({ name, shape, values }) =>
      tensorToWrite(name, shape, values),
    );
    await writeSafetensors(path.join(folder, 'model.safetensors'), tensors);
  }
  return folder;
}

async function tensorsOf(folder: string): Promise<NamedValues[]> {
  const model = await openModel(folder, new AbortController().signal);
  const tensors: NamedValues[] = [];
  for (const { name, shape } of model.source.tensors.values()) {
    tensors.push({ name, shape, values: await model.source.readRows(name, 0, shape[0] ?? 0) });
  }
  await model.close();
  return tensors;
}

/** Layer i has the weights of layer i mod 2. */
function repeated(tensors: readonly NamedValues[], layers: number): NamedValues[] {
  return tensors.flatMap((tensor) => {
    const layer = /^model\.layers\.(\d+)\./.exec(tensor.name)?.[1];
    if (layer === undefined) return [tensor];
    const own = Array.from({ length: layers }, (_, i) => i).filter((i) => i % 2 === Number(layer));
    return own.map((i) => ({ ...tensor, name: tensor.name.replace(/^model\.layers\.\d+/, `model.layers.${i}`) }));
  });
}

/** Normally distributed weights in larger shapes; those of norms stay near 1. */
function widened(tensors: readonly NamedValues[]): NamedValues[] {
  const rng = new Rng(7);
  return tensors.map(({ name, shape }) => {
    const wide = shape.map((size) => wideSizes.get(size) ?? size);
    const mean = shape.length === 1 ? 1 : 0;
    const values = Float32Array.from({ length: valueCount(wide) }, () => mean + 0.06 * rng.normal());
    return { name, shape: wide, values };
  });
}
