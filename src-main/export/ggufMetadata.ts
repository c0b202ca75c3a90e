/** The metadata of exported GGUF files. Keys: docs/gguf.md of ggml. */
import type { GgufQuant } from '../contract/exportFormats.ts';
import { ByteFile } from '../models/byteFile.ts';
import { architectureFields, fieldEntries } from '../models/gguf/architectureFields.ts';
import { countEntry, textEntry, type GgufEntry } from '../models/gguf/entries.ts';
import { readGgufHeader } from '../models/gguf/header.ts';
import { assertRepresentable } from '../models/gguf/representable.ts';
import { fileTypes } from '../models/gguf/tensorChoice.ts';
import { vocabularyEntries } from '../models/gguf/vocabularyEntries.ts';
import { assertVocabularyKind, vocabularyOf } from '../models/gguf/vocabularyOf.ts';
import { requireArch } from '../models/openedModel.ts';
import { readTokenizerFiles } from '../models/tokenizer/tokenizerFiles.ts';
import type { OpenedModel } from '../models/types.ts';
import { ggufFamilyOf } from './ggufTensors.ts';

/** The layout of quantised blocks has been version 2 since 2023. */
const quantisationVersion = 2;

/** Keys that describe the file rather than the model, hence not carried over from a base. */
const ofTheFile =
  /^general\.(architecture|type|name|file_type|quantization_version|alignment|size_label|url|uuid)$|^split\.|^quantize\./;

/**
 * Metadata of a whole model. A GGUF base hands its own on, byte for byte; for a Hugging Face base they are made from
 * config.json and the tokenizer files.
 * @throws AppError FAMILY_UNSUPPORTED, TOKENIZER_INVALID when a GGUF file cannot say what the base’s files say
 */
export async function modelMetadata(model: OpenedModel, name: string, quant: GgufQuant): Promise<GgufEntry[]> {
  const { architecture } = ggufFamilyOf(model);
  const { licence, name: baseName } = model.summary;
  const general = [
    textEntry('general.architecture', architecture),
    textEntry('general.type', 'model'),
    textEntry('general.name', await loadableName(model, name)),
    countEntry('general.file_type', fileTypes[quant]),
    ...(['f32', 'f16', 'bf16'].includes(quant)
      ? []
      : [countEntry('general.quantization_version', quantisationVersion)]),
  ];
  if (model.summary.format === 'gguf') return [...general, ...(await carriedEntries(model))];
  return [
    ...general,
    ...(licence === undefined ? [] : [textEntry('general.license', licence)]),
    countEntry('general.base_model.count', 1),
    textEntry('general.base_model.0.name', baseName),
    ...(await describedEntries(model)),
  ];
}

/** Models with several templates have further keys that begin so. */
const templateKey = 'tokenizer.chat_template';

const phi3Tokens = ['</s>', '<unk>', '<s>', '<|endoftext|>'] as const;

/** llama.cpp does not load a model that is called after Phi-3 and lacks one of its tokens. */
async function loadableName(model: OpenedModel, name: string): Promise<string> {
  if (!/phi-?3/i.test(name)) return name;
  const tokenizer = await model.tokenizer();
  const complete = phi3Tokens.every((token) => tokenizer.encode(token, false).length === 1);
  return complete ? name : name.replace(/phi-?3/gi, 'phi 3');
}

/**
 * Looks for what a GGUF file cannot say about a model, before anything is computed.
 * @throws AppError FAMILY_UNSUPPORTED, TOKENIZER_INVALID
 */
export async function assertGgufPossible(model: OpenedModel): Promise<void> {
  if (model.summary.format === 'gguf') return;
  assertRepresentable(model, requireArch(model), ggufFamilyOf(model));
  assertVocabularyKind(await readTokenizerFiles(model.summary.path));
}

async function describedEntries(model: OpenedModel): Promise<GgufEntry[]> {
  const arch = requireArch(model);
  const family = ggufFamilyOf(model);
  assertRepresentable(model, arch, family);
  const own = await readTokenizerFiles(model.summary.path);
  const files = { ...own, chatTemplate: model.chatTemplate ?? own.chatTemplate };
  const vocabulary = vocabularyOf(files, await model.tokenizer(), arch.vocabularySize);
  return [...fieldEntries(architectureFields(family.architecture, arch)), ...vocabularyEntries(vocabulary)];
}

async function carriedEntries({ summary, chatTemplate }: OpenedModel): Promise<GgufEntry[]> {
  const file = await ByteFile.open(summary.path);
  try {
    const { places } = await readGgufHeader(file);
    const replaced = chatTemplate === undefined ? [] : [textEntry(templateKey, chatTemplate)];
    const kept = [...places].filter(
      ([key]) => !ofTheFile.test(key) && !(replaced.length > 0 && key.startsWith(templateKey)),
    );
    const carried = await Promise.all(
      kept.map(async ([key, { start, end }]) => ({ key, bytes: await file.read(start, end - start) })),
    );
    return [...carried, ...replaced];
  } finally {
    await file.close();
  }
}
