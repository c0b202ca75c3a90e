/** From an ArchSpec to blocks with their weights. */
import type { ArchSpec, LayerSpec, NormSpec, RopeSpec } from '../models/types.ts';
import { Attention } from './attention.ts';
import { Embedding } from './embedding.ts';
import { Head } from './head.ts';
import { HeadRows } from './headRows.ts';
import type { WeightLoader } from './loadWeights.ts';
import { Mlp } from './mlp.ts';
import { ResidualBlock } from './residualBlock.ts';
import { RotaryTables } from './rotaryTables.ts';
import type { FrozenWeight } from '../tensor/frozenWeight.ts';

export interface DecoderParts {
  readonly embedding: Embedding;
  /** Attention and MLP of each layer, in turn. */
  readonly blocks: readonly ResidualBlock[];
  readonly head: Head;
  /** The head's own weight, where it is not the embedding. */
  readonly headWeight: FrozenWeight | undefined;
  readonly rotaryTables: readonly RotaryTables[];
}

/** @throws AppError TENSOR_MISSING, TENSOR_INVALID, CANCELLED and what the source throws */
export async function buildDecoder(arch: ArchSpec, load: WeightLoader): Promise<DecoderParts> {
  const { hiddenSize, vocabularySize } = arch;
  const tokens = await load.weight(arch.embedding, [vocabularySize, hiddenSize]);
  const positions =
    arch.positionEmbedding === undefined
      ? undefined
      : await load.matrix(arch.positionEmbedding, [arch.contextLength, hiddenSize]);
  const tables = new RotaryRegistry(load);
  const blocks: ResidualBlock[] = [];
  for (const [index, layer] of arch.layers.entries()) {
    blocks.push(await attentionBlock(arch, layer, index, load, tables), await mlpBlock(arch, layer, load));
  }
  const finalNorm = await load.norm(arch.finalNorm, hiddenSize);
  const headWeight = arch.head === undefined ? undefined : await load.weight(arch.head, [vocabularySize, hiddenSize]);
  return {
    embedding: new Embedding(load.kernels, tokens, positions, arch.embeddingScale ?? 1),
    blocks,
    head: new Head(load.kernels, finalNorm, headWeight ?? tokens, vocabularySize, hiddenSize, arch.logitSoftcap),
    headWeight,
    rotaryTables: tables.all,
  };
}

async function attentionBlock(
  arch: ArchSpec,
  { attention, attentionNorm, attentionPostNorm }: LayerSpec,
  index: number,
  load: WeightLoader,
  tables: RotaryRegistry,
): Promise<ResidualBlock> {
  const { heads, kvHeads, headDim, hiddenSize } = arch;
  const { projections, rope } = attention;
  const norm = await load.norm(attentionNorm, hiddenSize);
  const group =
    projections.kind === 'fused'
      ? await load.group(projections.qkv)
      : await load.group(projections.q, projections.k, projections.v);
  const rotary = rope && { tables: tables.of(rope), dimensions: rope.dimensions };
  const headNorm = async (spec: NormSpec | undefined) => spec && load.norm(spec, headDim);
  const queryNorm = await headNorm(attention.qNorm);
  const keyNorm = await headNorm(attention.kNorm);
  const block = new Attention(load.kernels, index, attention, arch, {
    projections: group,
    output: await load.group(attention.output),
    queryRows: new HeadRows(load.kernels, { heads, headDim, factor: attention.scale, norm: queryNorm, rotary }),
    keyRows: new HeadRows(load.kernels, { heads: kvHeads, headDim, factor: 1, norm: keyNorm, rotary }),
  });
  const post = attentionPostNorm && (await load.norm(attentionPostNorm, hiddenSize));
  return new ResidualBlock(load.kernels, norm, block, post);
}

async function mlpBlock(
  { hiddenSize }: ArchSpec,
  { mlp, mlpNorm, mlpPostNorm }: LayerSpec,
  load: WeightLoader,
): Promise<ResidualBlock> {
  const norm = await load.norm(mlpNorm, hiddenSize);
  const inner = await load.group(...innerMaps(mlp));
  const down = await load.group(mlp.down);
  const block = new Mlp(load.kernels, mlp.activation, mlp.kind !== 'plain', inner, down);
  const post = mlpPostNorm && (await load.norm(mlpPostNorm, hiddenSize));
  return new ResidualBlock(load.kernels, norm, block, post);
}

function innerMaps(mlp: LayerSpec['mlp']) {
  switch (mlp.kind) {
    case 'gated':
      return [mlp.gate, mlp.up];
    case 'gated-fused':
      return [mlp.gateUp];
    case 'plain':
      return [mlp.up];
  }
}

/** One table for all layers with the same kind of rotary positions. */
class RotaryRegistry {
  readonly #load: WeightLoader;
  readonly #tables = new Map<string, RotaryTables>();

  constructor(load: WeightLoader) {
    this.#load = load;
  }

  get all(): readonly RotaryTables[] {
    return [...this.#tables.values()];
  }

  of(spec: RopeSpec): RotaryTables {
    const key = JSON.stringify(spec);
    const tables = this.#tables.get(key) ?? new RotaryTables(this.#load.kernels, spec);
    this.#tables.set(key, tables);
    return tables;
  }
}
