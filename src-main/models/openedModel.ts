/** What both formats share: from configuration, weights and tokenizer files to an opened model. */
import type { ModelFormat, ModelSummary, TargetMatrix } from '../contract/model.ts';
import { AppError } from '../util/appError.ts';
import { assembleArch } from './families/family.ts';
import { familyUnsupported, findFamily } from './families/registry.ts';
import type { JsonObject } from './jsonFile.ts';
import { guessTargets, targetsOf } from './targets.ts';
import { valueCount } from '../util/valueCount.ts';
import { createTokenizer } from './tokenizer/tokenizer.ts';
import type { TokenizerFiles } from './tokenizer/tokenizerFiles.ts';
import type { ArchSpec, CarriedFile, OpenedModel, TensorInfo, Tokenizer, WeightSource } from './types.ts';

export interface ModelParts {
  readonly path: string;
  readonly name: string;
  readonly format: ModelFormat;
  readonly modelType: string;
  /** As transformers reads it. */
  readonly config: JsonObject;
  /** How errors call the configuration. */
  readonly configPlace: string;
  /** Why the model cannot be trained, where the configuration could not even be stated. */
  readonly reason?: string;
  readonly source: WeightSource;
  /** Throws where the tensor exists but cannot be a weight. */
  readonly findTensor: (name: string) => TensorInfo | undefined;
  readonly licence: string | undefined;
  readonly tokenizerFiles: () => Promise<TokenizerFiles>;
  readonly carriedFiles: readonly CarriedFile[];
  readonly warnings: readonly string[];
}

/** @throws AppError CONFIG_INVALID, TENSOR_MISSING, TENSOR_INVALID */
export async function finishModel(parts: ModelParts): Promise<OpenedModel> {
  const { arch, reason } = archOf(parts);
  let tokenizerFiles: Promise<TokenizerFiles> | undefined;
  const loadFiles = async (): Promise<TokenizerFiles> => (tokenizerFiles ??= parts.tokenizerFiles());
  let tokenizer: Promise<Tokenizer> | undefined;
  const vocabularySize = arch?.vocabularySize ?? wholeNumber(parts.config['vocab_size']);
  const { hasChatTemplate, warnings } = await inspectTokenizer(loadFiles, vocabularySize);
  return {
    summary: summarise(parts, arch, reason, hasChatTemplate, [...parts.warnings, ...warnings]),
    arch,
    source: parts.source,
    config: parts.config,
    tokenizer: async () =>
      (tokenizer ??= loadFiles().then((files) => createTokenizer(files, vocabularySize, () => new Date()))),
    carriedFiles: parts.carriedFiles,
    close: () => parts.source.close(),
  };
}

/**
 * The decoder to train.
 * @throws AppError FAMILY_UNSUPPORTED with the reason and the list of supported families
 */
export function requireArch(model: OpenedModel): ArchSpec {
  if (model.arch !== undefined) return model.arch;
  throw new AppError('FAMILY_UNSUPPORTED', model.summary.reason ?? familyUnsupported(model.summary.family).message);
}

/** A family or variant without forward pass is no error here: its spectra can be analysed. */
function archOf(parts: ModelParts): { arch: ArchSpec | undefined; reason: string | undefined } {
  const family = findFamily(parts.modelType);
  if (family === undefined) return { arch: undefined, reason: familyUnsupported(parts.modelType).message };
  if (parts.reason !== undefined) return { arch: undefined, reason: parts.reason };
  try {
    const description = family.describe(parts.config, parts.configPlace);
    return { arch: assembleArch(description, parts.findTensor, parts.path), reason: undefined };
  } catch (error) {
    if (error instanceof AppError && error.code === 'FAMILY_UNSUPPORTED')
      return { arch: undefined, reason: error.message };
    throw error;
  }
}

async function inspectTokenizer(
  loadFiles: () => Promise<TokenizerFiles>,
  vocabularySize: number | undefined,
): Promise<{ hasChatTemplate: boolean; warnings: string[] }> {
  try {
    const files = await loadFiles();
    const beyond = vocabularySize === undefined ? undefined : files.largestId >= vocabularySize;
    const warnings =
      beyond === true
        ? [
            `${files.place} holds the token id ${files.largestId}, but the model’s vocabulary has ${vocabularySize} tokens; text that needs it is refused.`,
          ]
        : [];
    return { hasChatTemplate: files.chatTemplate !== undefined, warnings };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { hasChatTemplate: false, warnings: [error.message] };
  }
}

function summarise(
  parts: ModelParts,
  arch: ArchSpec | undefined,
  reason: string | undefined,
  hasChatTemplate: boolean,
  warnings: readonly string[],
): ModelSummary {
  const tensors = [...parts.source.tensors.values()];
  const parameters = tensors.reduce((sum, tensor) => sum + valueCount(tensor.shape), 0);
  const targets = arch === undefined ? guessTargets(tensors) : targetsOf(arch);
  return {
    path: parts.path,
    name: parts.name,
    format: parts.format,
    family: parts.modelType,
    trainable: arch !== undefined,
    ...(reason === undefined ? {} : { reason }),
    parameters,
    bytes: tensors.reduce((sum, tensor) => sum + tensor.bytes, 0),
    bytesInMemory: 4 * parameters,
    dtypes: typesByCount(tensors),
    ...(arch === undefined ? sizesFromConfig(parts.config, targets) : sizesOf(arch)),
    hasChatTemplate,
    ...(parts.licence === undefined ? {} : { licence: parts.licence }),
    targets,
    warnings,
  };
}

type Sizes = Pick<
  ModelSummary,
  'layers' | 'hiddenSize' | 'heads' | 'kvHeads' | 'vocabularySize' | 'contextLength' | 'tiedEmbeddings'
>;

function sizesOf(arch: ArchSpec): Sizes {
  return {
    layers: arch.layers.length,
    hiddenSize: arch.hiddenSize,
    heads: arch.heads,
    kvHeads: arch.kvHeads,
    vocabularySize: arch.vocabularySize,
    contextLength: arch.contextLength,
    tiedEmbeddings: arch.head === undefined,
  };
}

/** For a family without forward pass: what config.json says under the usual names, 0 where it does not. */
function sizesFromConfig(config: JsonObject, targets: readonly TargetMatrix[]): Sizes {
  const heads = wholeNumber(config['num_attention_heads']) ?? 0;
  return {
    layers: wholeNumber(config['num_hidden_layers']) ?? 1 + Math.max(-1, ...targets.map(({ layer }) => layer)),
    hiddenSize: wholeNumber(config['hidden_size']) ?? 0,
    heads,
    kvHeads: wholeNumber(config['num_key_value_heads']) ?? heads,
    vocabularySize: wholeNumber(config['vocab_size']) ?? 0,
    contextLength: wholeNumber(config['max_position_embeddings']) ?? 0,
    tiedEmbeddings: config['tie_word_embeddings'] === true,
  };
}

function wholeNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? Number(value) : undefined;
}

/** Distinct stored types by number of values, the most common first. */
function typesByCount(tensors: readonly TensorInfo[]): string[] {
  const counts = new Map<string, number>();
  for (const { type, shape } of tensors) counts.set(type, (counts.get(type) ?? 0) + valueCount(shape));
  return [...counts].sort((a, b) => b[1] - a[1]).map(([type]) => type);
}
