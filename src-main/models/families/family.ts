/** What a family file states about a model, and how it is checked against the tensors that are really there. */
import { AppError } from '../../util/appError.ts';
import type { JsonObject } from '../jsonFile.ts';
import type { GgufFields } from './ggufFields.ts';
import type { GgufNames } from './ggufNames.ts';
import type { ArchSpec, LayerSpec, LinearSpec, NormSpec, TensorInfo } from '../types.ts';

/** A decoder whose layers are stated one at a time, since a hostile config.json may announce billions of them. */
export interface DecoderDescription extends Omit<ArchSpec, 'layers'> {
  readonly layerCount: number;
  readonly layer: (index: number) => LayerSpec;
}

/** How the family is stored in GGUF files. */
export interface GgufFamily extends GgufNames {
  /**
   * The config.json that the metadata amount to, apart from what all families share (vocabulary, tied head, end
   * tokens, type).
   * @throws AppError CONFIG_INVALID, FAMILY_UNSUPPORTED
   */
  config(metadata: GgufFields): JsonObject;
}

export interface Family {
  /** `model_type` of config.json. */
  readonly modelType: string;
  /** Class name that transformers expects in `architectures`. */
  readonly architecture: string;
  /** First part of every decoder tensor's name; checkpoints of the bare decoder lack it. */
  readonly prefix: string;
  /** Whether the head is the embedding where config.json does not say. */
  readonly tiedByDefault: boolean;
  /** Of a family that GGUF files hold under the name of another: that one's. */
  readonly gguf: GgufFamily;
  /**
   * @param place how errors call the configuration
   * @throws AppError CONFIG_INVALID; FAMILY_UNSUPPORTED for a variant without forward pass
   */
  describe(config: JsonObject, place: string): DecoderDescription;
}

/** Whether a model of this family has its embedding as head. */
export function isTied(family: Family, config: JsonObject): boolean {
  const stated = config['tie_word_embeddings'];
  return typeof stated === 'boolean' ? stated : family.tiedByDefault;
}

/** The weight matrices of a layer in the order of computation. */
export function linearsOf(layer: LayerSpec): readonly LinearSpec[] {
  const { attention, mlp } = layer;
  const { projections } = attention;
  return [
    ...(projections.kind === 'separate' ? [projections.q, projections.k, projections.v] : [projections.qkv]),
    attention.output,
    ...(mlp.kind === 'gated' ? [mlp.gate, mlp.up] : mlp.kind === 'gated-fused' ? [mlp.gateUp] : [mlp.up]),
    mlp.down,
  ];
}

/**
 * The decoder with all its layers, every tensor of which exists with the right shape. Stops at the first layer with a
 * tensor missing.
 * @param where how errors call the model
 * @throws AppError TENSOR_MISSING, TENSOR_INVALID
 */
export function assembleArch(
  description: DecoderDescription,
  find: (name: string) => TensorInfo | undefined,
  where: string,
): ArchSpec {
  const { layerCount, layer: describeLayer, ...rest } = description;
  const { hiddenSize, vocabularySize, contextLength, headDim } = rest;
  const check = (name: string, shape: readonly number[]): void => {
    checkTensor(find(name), name, shape, where);
  };
  const checkNorm = (norm: NormSpec | undefined, size: number): void => {
    if (norm === undefined) return;
    check(`${norm.name}.weight`, [size]);
    if (norm.kind === 'layer') check(`${norm.name}.bias`, [size]);
  };
  check(rest.embedding, [vocabularySize, hiddenSize]);
  if (rest.positionEmbedding !== undefined) check(rest.positionEmbedding, [contextLength, hiddenSize]);
  const layers: LayerSpec[] = [];
  for (let index = 0; index < layerCount; index++) {
    const layer = describeLayer(index);
    checkNorm(layer.attentionNorm, hiddenSize);
    for (const linear of linearsOf(layer)) {
      check(`${linear.name}.weight`, linear.transposed ? [linear.in, linear.out] : [linear.out, linear.in]);
      if (linear.bias) check(`${linear.name}.bias`, [linear.out]);
    }
    checkNorm(layer.attention.qNorm, headDim);
    checkNorm(layer.attention.kNorm, headDim);
    checkNorm(layer.mlpNorm, hiddenSize);
    checkNorm(layer.attentionPostNorm, hiddenSize);
    checkNorm(layer.mlpPostNorm, hiddenSize);
    layers.push(layer);
  }
  checkNorm(rest.finalNorm, hiddenSize);
  if (rest.head !== undefined) check(rest.head, [vocabularySize, hiddenSize]);
  return { ...rest, layers };
}

function checkTensor(info: TensorInfo | undefined, name: string, shape: readonly number[], where: string): void {
  if (info === undefined) {
    throw new AppError(
      'TENSOR_MISSING',
      `Tensor "${name}" is missing from ${where}, though its configuration needs it; check that the download is complete.`,
    );
  }
  if (info.shape.length !== shape.length || info.shape.some((dimension, i) => dimension !== shape[i])) {
    throw new AppError(
      'TENSOR_INVALID',
      `Tensor "${name}" of ${where} has shape [${info.shape.join(', ')}] where the configuration needs [${shape.join(', ')}]; ` +
        'check that config.json belongs to these weights.',
    );
  }
}
