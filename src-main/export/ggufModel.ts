import { join } from 'node:path';
import type { ExportFormat, GgufQuant } from '../contract/exportFormats.ts';
import { ByteFile } from '../models/byteFile.ts';
import { mainRope } from '../models/gguf/architectureFields.ts';
import { readGgufHeader } from '../models/gguf/header.ts';
import { lostWindow } from '../models/gguf/representable.ts';
import { llama3Divisors } from '../models/gguf/ropeFactors.ts';
import { tensorType } from '../models/gguf/tensorChoice.ts';
import { readStoredRows } from '../models/gguf/weights.ts';
import { ggufTensorBytes, writeGguf, type GgufTensorToWrite } from '../models/gguf/writer.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel, StoredType } from '../models/types.ts';
import { writeFileAtomic } from '../util/fsAtomic.ts';
import type { ExportPlan, ExportSource } from './exportPlan.ts';
import { modelMetadata } from './ggufMetadata.ts';
import { ggufFamilyOf, weightsAsGguf } from './ggufTensors.ts';
import { mergedWeights } from './mergedWeights.ts';
import { modelCard } from './modelCard.ts';

const ropeFactors = 'rope_freqs.weight';

/** What the comparison is allowed to cost follows the type that most matrices have. */
const precisionOf: Readonly<Record<GgufQuant, StoredType>> = {
  f32: 'F32',
  f16: 'F16',
  bf16: 'BF16',
  q8_0: 'Q8_0',
  q4_k_m: 'Q4_K',
  q4_0: 'Q4_0',
};

/**
 * A merged model as one GGUF file.
 * @throws AppError FAMILY_UNSUPPORTED, TOKENIZER_INVALID when a GGUF file cannot say what the base’s files say
 */
export async function planGgufModel(source: ExportSource, format: ExportFormat = 'gguf'): Promise<ExportPlan> {
  const { model, name } = source;
  const arch = requireArch(model);
  const { architecture } = ggufFamilyOf(model);
  const quant = source.quant ?? defaultQuant(model);
  const weights = mergedWeights(model, source.adapters, source.kernels);
  const metadata = await modelMetadata(model, name, quant);
  const laidOut = weightsAsGguf(model, weights);
  const ownHead = laidOut.some((weight) => weight.name === 'output.weight');
  const tensors: GgufTensorToWrite[] = [
    ...laidOut.map((weight) => ({
      ...weight,
      type: tensorType(quant, weight.name, weight.shape, arch.layers.length, ownHead),
    })),
    ...(await ropeTensor(model)),
  ];
  const window = lostWindow(arch, architecture);
  const file = ggufFileName(name, quant);
  return {
    format,
    type: precisionOf[quant],
    tensors: tensors.map((tensor) => ({
      name: tensor.name,
      shape: tensor.shape,
      type: tensor.type,
      bytes: ggufTensorBytes(tensor),
    })),
    weights,
    notes: windowNotes(window),
    ...(window === undefined ? {} : { longestRow: window }),
    mainFile: file,
    async write(folder, progress) {
      const digest = await writeGguf(join(folder, file), metadata, tensors, progress);
      await writeFileAtomic(join(folder, 'README.md'), modelCard(source, 'gguf'));
      return new Map([[file, digest]]);
    },
  };
}

/** Name of the file in a folder: what the model is called, and the type of its weights in capitals, as is usual. */
export function ggufFileName(name: string, quant: string): string {
  return `${name.replace(/[.-]gguf$/i, '')}-${quant.toUpperCase()}.gguf`;
}

/** The type where none is asked for: half precision; for a base that is quantised already, eight bits. */
function defaultQuant(model: OpenedModel): GgufQuant {
  const [type = ''] = model.summary.dtypes;
  return /^(F|BF)\d/.test(type) ? 'f16' : 'q8_0';
}

/** The llama3 kind of rotary scaling stands as a tensor of divisors; a GGUF base hands its own on. */
async function ropeTensor(model: OpenedModel): Promise<GgufTensorToWrite[]> {
  const divisors =
    model.summary.format === 'gguf' ? await carriedDivisors(model.summary.path) : computedDivisors(model);
  if (divisors === undefined) return [];
  const readRows = async (from: number, count: number): Promise<Float32Array> =>
    Promise.resolve(divisors.subarray(from, from + count));
  return [{ name: ropeFactors, shape: [divisors.length], type: 'F32', readRows }];
}

function computedDivisors(model: OpenedModel): Float32Array | undefined {
  const rope = mainRope(requireArch(model));
  return rope && llama3Divisors(rope);
}

async function carriedDivisors(path: string): Promise<Float32Array | undefined> {
  const file = await ByteFile.open(path);
  try {
    const tensor = (await readGgufHeader(file)).tensors.get(ropeFactors);
    return tensor && (await readStoredRows(file, tensor, 0, tensor.shape[0] ?? 0));
  } finally {
    await file.close();
  }
}

function windowNotes(window: number | undefined): string[] {
  if (window === undefined) return [];
  return [
    `The model looks back ${window} tokens; programs that read GGUF files of this family look back to the beginning, so answers to longer texts differ.`,
  ];
}
