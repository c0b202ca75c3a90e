/** An adapter for llama.cpp. Source: llama.cpp, src/llama-adapter.cpp and convert_lora_to_gguf.py. */
import { join } from 'node:path';
import { ggufTensorName } from '../models/families/ggufNames.ts';
import { countEntry, floatEntry, textEntry } from '../models/gguf/entries.ts';
import { inGgufLayout } from '../models/gguf/layoutRows.ts';
import { ggufTensorBytes, writeGguf, type GgufTensorToWrite } from '../models/gguf/writer.ts';
import { requireArch } from '../models/openedModel.ts';
import { tensorToWrite } from '../models/safetensors/writer.ts';
import { AppError } from '../util/appError.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import { adapterCard } from './adapterCard.ts';
import { adapterFactors, scaledFactors } from './adapterFactors.ts';
import type { ExportPlan, ExportSource } from './exportPlan.ts';
import { ggufFileName } from './ggufModel.ts';
import { ggufFamilyOf } from './ggufTensors.ts';
import { floatType } from './writtenType.ts';

/**
 * One GGUF file with A and B of every matrix. llama.cpp multiplies each by alpha / rank, the rank read from the tensor,
 * so the inverse is folded into B. Where rows of the weight are interleaved, those of B are too.
 * @throws AppError FAMILY_UNSUPPORTED, NOT_MERGEABLE, SETTINGS_INVALID
 */
export function planLoraGguf(source: ExportSource): ExportPlan {
  const { model } = source;
  const family = ggufFamilyOf(model);
  const { heads: query, kvHeads: key } = requireArch(model);
  const dtype = source.dtype ?? 'f32';
  const type = floatType(dtype);
  const factors = adapterFactors(source);
  const alpha = Math.max(...factors.map(({ rank }) => rank));
  const tensors = factors.flatMap((factor): GgufTensorToWrite[] => {
    const { name, rank, A, B } = scaledFactors(factor, factor.rank / alpha);
    const place = ggufTensorName(family, `${name}.weight`);
    if (place === undefined) {
      throw new AppError(
        'FAMILY_UNSUPPORTED',
        `GGUF files of the model’s family have no place for ${name}; export a PEFT adapter instead.`,
      );
    }
    const a = tensorToWrite(`${place.name}.lora_a`, A.shape, A.data);
    const b = tensorToWrite(`${place.name}.lora_b`, B.shape, B.data);
    // ΔW is [d_out, d_in] already, so only the order of its rows can differ.
    const layout = place.layout === 'transposed' ? 'same' : place.layout;
    const rows = inGgufLayout(B.shape, (from, count) => b.readRows(from, count), layout, { query, key });
    return [
      { ...a, shape: [rank, A.shape[1] ?? 0], type },
      { ...b, ...rows, type },
    ];
  });
  const metadata = [
    textEntry('general.architecture', family.architecture),
    textEntry('general.type', 'adapter'),
    textEntry('general.name', source.name),
    countEntry('general.base_model.count', 1),
    textEntry('general.base_model.0.name', model.summary.name),
    textEntry('adapter.type', 'lora'),
    floatEntry('adapter.lora.alpha', alpha),
  ];
  const file = ggufFileName(source.name, `lora-${dtype}`);
  return {
    format: 'lora-gguf',
    type,
    tensors: tensors.map((tensor) => ({
      name: tensor.name,
      shape: tensor.shape,
      type: tensor.type,
      bytes: ggufTensorBytes(tensor),
    })),
    notes: [],
    mainFile: file,
    async write(folder, progress) {
      const digest = await writeGguf(join(folder, file), metadata, tensors, progress);
      await writeFileAtomic(join(folder, 'README.md'), adapterCard(source, 'lora-gguf'));
      return new Map([[file, digest]]);
    },
  };
}
