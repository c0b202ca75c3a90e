/** Opens a GGUF file as if it were a Hugging Face folder: same names, layouts, configuration and tokenizer files. */
import path from 'node:path';
import { AppError } from '../../util/appError.ts';
import { ByteFile, readChunkBytes } from '../byteFile.ts';
import { ollamaName } from '../discovery/ollama.ts';
import { variantUnsupported } from '../families/configFields.ts';
import type { Family } from '../families/family.ts';
import { GgufFields } from '../families/ggufFields.ts';
import { findGgufFamily } from '../families/registry.ts';
import type { JsonObject } from '../jsonFile.ts';
import { finishModel } from '../openedModel.ts';
import { largestIdOf, type TokenizerFiles } from '../tokenizer/tokenizerFiles.ts';
import type { CarriedFile, OpenedModel } from '../types.ts';
import { readGgufHeader, type GgufHeader, type GgufTensor } from './header.ts';
import { llama3Scaling } from './ropeFactors.ts';
import { generationConfigJson, tokenizerConfigJson, tokenizerJson } from './tokenizerJson.ts';
import { readVocabulary, type GgufVocabulary } from './vocabulary.ts';
import { ggufWeights, mapTensors, readStoredRows } from './weights.ts';

const ropeFactors = 'rope_freqs.weight';
const head = 'output.weight';
const embedding = 'token_embd.weight';

/** @throws AppError FILE_NOT_FOUND, FILE_UNREADABLE, GGUF_INVALID, CONFIG_INVALID, TENSOR_MISSING, TENSOR_INVALID */
export async function openGgufModel(filePath: string, signal: AbortSignal): Promise<OpenedModel> {
  const file = await ByteFile.open(filePath);
  try {
    const header = await readGgufHeader(file);
    refuseParts(header, filePath);
    const architecture = header.metadata.get('general.architecture');
    if (typeof architecture !== 'string') {
      throw new AppError(
        'GGUF_INVALID',
        `${filePath} has no general.architecture; download or convert the file again.`,
      );
    }
    const fields = new GgufFields(filePath, architecture, header.metadata, header.tensors);
    const family = findGgufFamily(architecture);
    const tied = await isTied(file, header);
    const leaveOut = new Set([ropeFactors, ...(tied ? [head] : [])]);
    const mapped = mapTensors(header.tensors, family?.gguf, leaveOut);
    const heads = fields.optionalNumber('attention.head_count') ?? 1;
    const source = ggufWeights(file, mapped, {
      query: heads,
      key: fields.optionalNumber('attention.head_count_kv') ?? heads,
    });
    const vocabulary = readVocabularyOnce(fields);
    const { config, reason } = await configOf(file, header, fields, family, tied, vocabulary);
    return await finishModel({
      path: filePath,
      // Not `general.name`: converters often leave the name of a training run there, and people know the file.
      name: (await ollamaName(filePath, signal)) ?? path.basename(filePath, '.gguf'),
      format: 'gguf',
      modelType: family?.modelType ?? architecture,
      config,
      configPlace: `The metadata of ${filePath}`,
      ...(reason === undefined ? {} : { reason }),
      source,
      findTensor: (name) => source.tensors.get(name),
      licence: fields.optionalText('general.license'),
      tokenizerFiles: async () => Promise.resolve(tokenizerFiles(vocabulary())),
      carriedFiles: carriedFiles(vocabulary, fields),
      warnings: warningsOf(fields),
    });
  } catch (error) {
    await file.close();
    throw error;
  }
}

function refuseParts(header: GgufHeader, filePath: string): void {
  const parts = header.metadata.get('split.count');
  if (typeof parts !== 'number' || parts <= 1) return;
  throw new AppError(
    'GGUF_INVALID',
    `${filePath} is one of ${parts} parts; join them with llama.cpp’s gguf-split --merge and open the result.`,
  );
}

/** No head of its own, or one that repeats the embedding byte for byte, as converters of GPT-2 write it. */
async function isTied(file: ByteFile, header: GgufHeader): Promise<boolean> {
  const own = header.tensors.get(head);
  const embedded = header.tensors.get(embedding);
  if (own === undefined || embedded === undefined) return own === undefined;
  if (own.type !== embedded.type || own.bytes !== embedded.bytes) return false;
  for (let at = 0; at < own.bytes; at += readChunkBytes) {
    const length = Math.min(readChunkBytes, own.bytes - at);
    const [a, b] = [await file.read(own.position + at, length), await file.read(embedded.position + at, length)];
    if (Buffer.compare(a, b) !== 0) return false;
  }
  return true;
}

function readVocabularyOnce(fields: GgufFields): () => GgufVocabulary {
  let vocabulary: GgufVocabulary | undefined;
  return () => (vocabulary ??= readVocabulary(fields));
}

/** The configuration, and where the family cannot be trained with it, the reason. */
async function configOf(
  file: ByteFile,
  header: GgufHeader,
  fields: GgufFields,
  family: Family | undefined,
  tied: boolean,
  vocabulary: () => GgufVocabulary,
): Promise<{ config: JsonObject; reason: string | undefined }> {
  const shared = {
    vocab_size: header.tensors.get(embedding)?.shape[0] ?? fields.optionalNumber('vocab_size') ?? 0,
    tie_word_embeddings: tied,
    torch_dtype: 'float32',
    ...endTokens(vocabulary),
  };
  const unknown = { model_type: family?.modelType ?? fields.architecture, ...shared };
  if (family === undefined) return { config: unknown, reason: undefined };
  try {
    const own = family.gguf.config(fields);
    const factors = header.tensors.get(ropeFactors);
    const scaling = factors === undefined ? {} : { rope_scaling: await scalingFrom(file, factors, own) };
    const config = {
      architectures: [family.architecture],
      model_type: family.modelType,
      ...own,
      ...scaling,
      ...shared,
    };
    return { config, reason: undefined };
  } catch (error) {
    // Without the numbers of the architecture the file cannot be run, but its matrices can still be analysed.
    if (!(error instanceof AppError) || !['FAMILY_UNSUPPORTED', 'CONFIG_INVALID'].includes(error.code)) throw error;
    return { config: unknown, reason: error.message };
  }
}

function endTokens(vocabulary: () => GgufVocabulary): JsonObject {
  try {
    const { bosId, eosIds } = vocabulary();
    return {
      bos_token_id: bosId ?? null,
      eos_token_id: eosIds.length > 1 ? eosIds : (eosIds[0] ?? null),
    };
  } catch {
    // The tokenizer's own fault is told where the tokenizer is asked for.
    return {};
  }
}

async function scalingFrom(file: ByteFile, factors: GgufTensor, config: JsonObject): Promise<JsonObject> {
  const theta = config['rope_theta'];
  const divisors = await readStoredRows(file, factors, 0, factors.shape[0] ?? 0);
  const scaling = typeof theta === 'number' ? llama3Scaling(divisors, theta) : undefined;
  if (scaling === undefined) throw variantUnsupported(file.path, `the rotary divisors of its tensor ${ropeFactors}`);
  return scaling;
}

function tokenizerFiles(vocabulary: GgufVocabulary): TokenizerFiles {
  const tokenizer = tokenizerJson(vocabulary);
  const { tokens, bosId, eosId, unknownId, paddingId, eosIds, chatTemplate, place } = vocabulary;
  const roles = { bos_token: bosId, eos_token: eosId, unk_token: unknownId, pad_token: paddingId };
  return {
    place,
    tokenizer,
    special: Object.fromEntries(
      Object.entries(roles).flatMap(([role, id]) => (id === undefined ? [] : [[role, tokens[id] ?? '']])),
    ),
    generationEosIds: eosIds,
    generationBosId: bosId,
    chatTemplate,
    largestId: largestIdOf(tokenizer, place),
  };
}

function carriedFiles(vocabulary: () => GgufVocabulary, fields: GgufFields): CarriedFile[] {
  const file = (name: string, content: () => JsonObject): CarriedFile => ({
    name,
    // async: a fault of the vocabulary becomes a rejection.
    read: async () => Promise.resolve(new TextEncoder().encode(`${JSON.stringify(content(), null, 2)}\n`)),
  });
  return [
    file('tokenizer.json', () => tokenizerJson(vocabulary())),
    file('tokenizer_config.json', () =>
      tokenizerConfigJson(vocabulary(), fields.optionalNumber('context_length') ?? 1_000_000),
    ),
    file('generation_config.json', () => generationConfigJson(vocabulary())),
  ];
}

function warningsOf(fields: GgufFields): string[] {
  const isByteLevel = fields.optionalText('tokenizer.ggml.model') === 'gpt2';
  if (!isByteLevel || fields.optionalText('tokenizer.ggml.pre') !== undefined) return [];
  return [
    `${fields.place} does not say how its tokenizer cuts text (tokenizer.ggml.pre); the default is used and token ids may differ from the original model’s.`,
  ];
}
