import { join } from 'node:path';
import type { WrittenFloat } from '../models/encodeFloats.ts';
import { writeModelWeights } from '../models/safetensors/shardWriter.ts';
import { writtenBytes } from '../models/safetensors/writer.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { configText } from './configText.ts';
import { endTokenNotes } from './endTokenNotes.ts';
import type { ExportPlan, ExportSource } from './exportPlan.ts';
import { mergedWeights } from './mergedWeights.ts';
import { modelCard } from './modelCard.ts';
import { writtenType } from './writtenType.ts';

/**
 * A Hugging Face folder: merged weights, config.json, every tokenizer and generation file of the base byte for byte, and
 * a model card.
 * @throws AppError TOKENIZER_INVALID
 */
export async function planHuggingFaceFolder(source: ExportSource): Promise<ExportPlan> {
  const { model } = source;
  const type: WrittenFloat = writtenType(source.dtype, model.summary);
  const weights = mergedWeights(model, source.adapters, source.kernels);
  const tensors = weights.map((weight) => ({ ...weight, type }));
  return {
    format: 'hf',
    type,
    tensors: tensors.map(({ name, shape }) => ({ name, shape, type, bytes: writtenBytes({ shape, type }) })),
    weights,
    notes: await endTokenNotes(model),
    async write(folder, { signal, onProgress }) {
      const digests = await writeModelWeights(folder, tensors, source.shardBytes, { signal, onProgress });
      await writeFileAtomic(join(folder, 'config.json'), await configText(model, type));
      await writeFileAtomic(join(folder, 'README.md'), modelCard(source));
      for (const file of model.carriedFiles) await writeFileAtomic(join(folder, file.name), await file.read());
      return digests;
    },
  };
}
