import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ignoredLabel, type LabelledBatch } from '../../src-main/decoder/batch.ts';
import { Decoder, type LoadOptions } from '../../src-main/decoder/decoder.ts';
import { openModel } from '../../src-main/models/open.ts';
import type { OpenedModel } from '../../src-main/models/types.ts';
import type { Kernels } from '../../src-main/tensor/kernels.ts';
import { noSignal } from './tensorBackend.ts';

const root = path.join(import.meta.dirname, '../golden/fixtures');

export function fixturePath(name: string): string {
  return path.join(root, name);
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names the shape the caller expects
export function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(fixturePath(name), 'utf8')) as T;
}

export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Float32 and int32 tensors of a safetensors file of the fixtures. */
export class FixtureTensors {
  readonly #tensors = new Map<string, FixtureTensor>();

  constructor(name: string) {
    const bytes = readFileSync(fixturePath(name));
    const headerLength = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString()) as Record<
      string,
      { dtype: string; shape: number[]; data_offsets: [number, number] }
    >;
    for (const [tensor, { dtype, shape, data_offsets: offsets }] of Object.entries(header)) {
      if (tensor === '__metadata__') continue;
      const [from, to] = offsets;
      const own = bytes.buffer.slice(
        bytes.byteOffset + 8 + headerLength + from,
        bytes.byteOffset + 8 + headerLength + to,
      );
      this.#tensors.set(tensor, { shape, data: dtype === 'I32' ? new Int32Array(own) : new Float32Array(own) });
    }
  }

  get names(): readonly string[] {
    return [...this.#tensors.keys()];
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  get(name: string): FixtureTensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new Error(`The fixture has no tensor ${name}.`);
    return tensor;
  }

  floats(name: string): Float32Array {
    const { data } = this.get(name);
    if (data instanceof Float32Array) return data;
    throw new Error(`${name} is not a float tensor.`);
  }

  ints(name: string): Int32Array {
    const { data } = this.get(name);
    if (data instanceof Int32Array) return data;
    throw new Error(`${name} is not an int tensor.`);
  }
}

/** Rows of equal length with padding, as PyTorch has them. */
export interface PaddedRows {
  readonly ids: Int32Array;
  readonly mask: Int32Array;
  /** Not shifted. */
  readonly labels: Int32Array;
  readonly length: number;
}

export function paddedRows(tensors: FixtureTensors, from = 0, rows?: number): PaddedRows {
  const { shape } = tensors.get('input_ids');
  const length = shape.at(-1) ?? 0;
  const all = tensors.ints('input_ids').length / length;
  const slice = (name: string): Int32Array => tensors.ints(name).slice(from * length, (from + (rows ?? all)) * length);
  return { ids: slice('input_ids'), mask: slice('attention_mask'), labels: slice('labels'), length };
}

export interface RaggedRows {
  readonly batch: LabelledBatch;
  /** Where each token of the batch was in the padded rows. */
  readonly places: readonly number[];
}

/** The real tokens alone, with labels shifted to the position that predicts them. */
export function withoutPadding({ ids, mask, labels, length }: PaddedRows): RaggedRows {
  const places: number[] = [];
  const lengths: number[] = [];
  const positions: number[] = [];
  const shifted: number[] = [];
  for (let row = 0; row * length < ids.length; row++) {
    const own = [...Array(length).keys()].map((t) => row * length + t).filter((place) => mask[place] === 1);
    own.forEach((place, t) => {
      const next = own[t + 1];
      places.push(place);
      positions.push(t);
      shifted.push(next === undefined ? ignoredLabel : (labels[next] ?? ignoredLabel));
    });
    lengths.push(own.length);
  }
  return {
    places,
    batch: {
      tokens: Int32Array.from(places, (place) => ids[place] ?? 0),
      positions: Int32Array.from(positions),
      lengths,
      labels: Int32Array.from(shifted),
    },
  };
}

/** The rows of padded logits [rows, length, V] that belong to real tokens. */
export function atPlaces(logits: Float32Array, places: readonly number[], vocabularySize: number): Float32Array {
  const own = new Float32Array(places.length * vocabularySize);
  places.forEach((place, i) => {
    own.set(logits.subarray(place * vocabularySize, (place + 1) * vocabularySize), i * vocabularySize);
  });
  return own;
}

/** Folders of models in which every feature of the architecture is there at least once. */
export const architectures = [
  'llama/model',
  'gpt2/model',
  'qwen2/model',
  'more/qwen3',
  'more/gemma2',
  'more/gemma3_text',
  'more/phi3',
  'more/phi3-partial',
  'more/mistral-window',
];

/** Loads a model folder of the fixtures and hands it to `use`. */
export async function withDecoder<T>(
  kernels: Kernels,
  folder: string,
  use: (decoder: Decoder, model: OpenedModel) => Promise<T>,
  options: LoadOptions = {},
): Promise<T> {
  const model = await openModel(fixturePath(folder), noSignal);
  try {
    if (model.arch === undefined) throw new Error(`${folder} has no forward pass.`);
    const decoder = await Decoder.load(kernels, model.arch, model.source, options, noSignal);
    try {
      return await use(decoder, model);
    } finally {
      decoder.dispose();
    }
  } finally {
    await model.close();
  }
}
