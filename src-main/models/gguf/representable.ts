/** Whether a GGUF file can say all there is to say about a decoder. */
import { AppError } from '../../util/appError.ts';
import type { GgufFamily } from '../families/family.ts';
import { GgufFields } from '../families/ggufFields.ts';
import { ggufTensorName } from '../families/ggufNames.ts';
import { findGgufFamily } from '../families/registry.ts';
import type { ArchSpec, OpenedModel } from '../types.ts';
import { architectureFields, mainRope, runnersKeepWindows } from './architectureFields.ts';

/**
 * Reads the metadata that would be written as a runner does and compares the decoder they describe with the model's.
 * What has no key (activation, scale of the scores, which layers have windows) is the family's own in every runner.
 * @throws AppError FAMILY_UNSUPPORTED naming the first thing that would be lost
 */
export function assertRepresentable(model: OpenedModel, arch: ArchSpec, gguf: GgufFamily): void {
  const place = model.summary.path;
  const names = new Set([...model.source.tensors.keys()].map((name) => ggufTensorName(gguf, name)?.name ?? ''));
  const fields = architectureFields(gguf.architecture, arch);
  const metadata = new Map([...fields].map(([key, { value }]) => [key, value]));
  const family = findGgufFamily(gguf.architecture);
  if (family === undefined) throw lost(place, `a family called ${gguf.architecture}`);
  const rope = mainRope(arch);
  const scaling =
    rope?.scaling.type === 'llama3'
      ? {
          rope_scaling: {
            rope_type: 'llama3',
            factor: rope.scaling.factor,
            low_freq_factor: rope.scaling.lowFrequencyFactor,
            high_freq_factor: rope.scaling.highFrequencyFactor,
            original_max_position_embeddings: rope.scaling.originalContext,
          },
        }
      : {};
  const config = {
    ...gguf.config(new GgufFields(place, gguf.architecture, metadata, names)),
    ...scaling,
    vocab_size: arch.vocabularySize,
    tie_word_embeddings: arch.head === undefined,
  };
  const { layerCount, layer, ...read } = family.describe(config, place);
  const layers = Array.from({ length: layerCount }, (_, index) => layer(index));
  const keepsWindows = runnersKeepWindows(gguf.architecture);
  const wanted = keepsWindows ? arch : withoutWindows(arch);
  const found = keepsWindows ? { ...read, layers } : withoutWindows({ ...read, layers });
  const difference = firstDifference({ ...wanted, family: '' }, { ...found, family: '' }, '');
  if (difference !== undefined) throw lost(place, inWords(difference));
}

/** Tokens that layers see where a runner lets them see everything; undefined where nothing changes. */
export function lostWindow(arch: ArchSpec, architecture: string): number | undefined {
  if (runnersKeepWindows(architecture)) return undefined;
  const windows = arch.layers.flatMap(({ attention }) => (attention.window === undefined ? [] : [attention.window]));
  const smallest = Math.min(...windows, Infinity);
  return smallest < arch.contextLength ? smallest : undefined;
}

function withoutWindows(arch: ArchSpec): ArchSpec {
  const layers = arch.layers.map((layer) => {
    const { window: _window, ...attention } = layer.attention;
    return { ...layer, attention };
  });
  return { ...arch, layers };
}

/** Path of the first value that differs by more than rounding to float32. */
function firstDifference(a: unknown, b: unknown, path: string): string | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b)) ? undefined : path;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b ? undefined : path;
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const difference = firstDifference(left[key], right[key], path === '' ? key : `${path}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const words: Readonly<Record<string, string>> = {
  scale: 'its scale of attention scores',
  window: 'its choice of layers with a sliding window',
  softcap: 'its cap on attention scores',
  rope: 'its rotary positions',
  activation: 'its activation function',
};

/** What a path such as `layers.0.attention.rope.theta` is about. */
function inWords(path: string): string {
  const known = path.split('.').find((part) => Object.hasOwn(words, part));
  return known === undefined ? path : (words[known] ?? path);
}

function lost(place: string, what: string): AppError {
  return new AppError(
    'FAMILY_UNSUPPORTED',
    `${place} cannot be written as GGUF: the format has no place for ${what}, so another program would compute ` +
      'something else; export a Hugging Face folder instead.',
  );
}
